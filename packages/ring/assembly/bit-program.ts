// Interpreter of straight-line programs on bit planes. An instruction is five i32: op, d, a, b, c; the operands
// are plane numbers. Plane p lies at base + p * planeBytes; planeBytes is a multiple of 16.

const XOR = 0;
const AND = 1;
const ANDX = 2;
const NOT = 3;
const COPY = 4;
const ZERO = 5;
const ONES = 6;
const OR = 7;
const XOR3 = 8;

export function runBitProgram(code: usize, count: i32, base: usize, planeBytes: usize): void {
  const stop = code + (<usize>count) * 20;
  for (; code < stop; code += 20) {
    let d = base + <usize>load<u32>(code, 4) * planeBytes;
    let a = base + <usize>load<u32>(code, 8) * planeBytes;
    let b = base + <usize>load<u32>(code, 12) * planeBytes;
    let c = base + <usize>load<u32>(code, 16) * planeBytes;
    const end = d + planeBytes;
    const whole = d + (planeBytes & ~63);
    switch (load<u32>(code)) {
      case XOR: {
        for (; d < whole; d += 64, a += 64, b += 64) {
          v128.store(d, v128.xor(v128.load(a), v128.load(b)));
          v128.store(d, v128.xor(v128.load(a, 16), v128.load(b, 16)), 16);
          v128.store(d, v128.xor(v128.load(a, 32), v128.load(b, 32)), 32);
          v128.store(d, v128.xor(v128.load(a, 48), v128.load(b, 48)), 48);
        }
        for (; d < end; d += 16, a += 16, b += 16) v128.store(d, v128.xor(v128.load(a), v128.load(b)));
        break;
      }
      case AND: {
        for (; d < whole; d += 64, a += 64, b += 64) {
          v128.store(d, v128.and(v128.load(a), v128.load(b)));
          v128.store(d, v128.and(v128.load(a, 16), v128.load(b, 16)), 16);
          v128.store(d, v128.and(v128.load(a, 32), v128.load(b, 32)), 32);
          v128.store(d, v128.and(v128.load(a, 48), v128.load(b, 48)), 48);
        }
        for (; d < end; d += 16, a += 16, b += 16) v128.store(d, v128.and(v128.load(a), v128.load(b)));
        break;
      }
      case ANDX: {
        for (; d < whole; d += 64, a += 64, b += 64, c += 64) {
          v128.store(d, v128.xor(v128.and(v128.load(a), v128.load(b)), v128.load(c)));
          v128.store(d, v128.xor(v128.and(v128.load(a, 16), v128.load(b, 16)), v128.load(c, 16)), 16);
          v128.store(d, v128.xor(v128.and(v128.load(a, 32), v128.load(b, 32)), v128.load(c, 32)), 32);
          v128.store(d, v128.xor(v128.and(v128.load(a, 48), v128.load(b, 48)), v128.load(c, 48)), 48);
        }
        for (; d < end; d += 16, a += 16, b += 16, c += 16) {
          v128.store(d, v128.xor(v128.and(v128.load(a), v128.load(b)), v128.load(c)));
        }
        break;
      }
      case XOR3: {
        for (; d < whole; d += 64, a += 64, b += 64, c += 64) {
          v128.store(d, v128.xor(v128.xor(v128.load(a), v128.load(b)), v128.load(c)));
          v128.store(d, v128.xor(v128.xor(v128.load(a, 16), v128.load(b, 16)), v128.load(c, 16)), 16);
          v128.store(d, v128.xor(v128.xor(v128.load(a, 32), v128.load(b, 32)), v128.load(c, 32)), 32);
          v128.store(d, v128.xor(v128.xor(v128.load(a, 48), v128.load(b, 48)), v128.load(c, 48)), 48);
        }
        for (; d < end; d += 16, a += 16, b += 16, c += 16) {
          v128.store(d, v128.xor(v128.xor(v128.load(a), v128.load(b)), v128.load(c)));
        }
        break;
      }
      case OR: {
        for (; d < end; d += 16, a += 16, b += 16) v128.store(d, v128.or(v128.load(a), v128.load(b)));
        break;
      }
      case NOT: {
        for (; d < end; d += 16, a += 16) v128.store(d, v128.not(v128.load(a)));
        break;
      }
      case COPY: {
        memory.copy(d, a, planeBytes);
        break;
      }
      case ZERO: {
        memory.fill(d, 0, planeBytes);
        break;
      }
      case ONES: {
        memory.fill(d, 0xff, planeBytes);
        break;
      }
      default:
        unreachable();
    }
  }
}
