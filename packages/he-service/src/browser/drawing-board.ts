/** A canvas to draw a digit on, read as the 28 x 28 grey values that MNIST networks expect. */

const SIDE = 28;
/** MNIST scales digits into a box of this side and centres them by their mass. */
const BOX = 20;

export class DrawingBoard {
  private readonly context: CanvasRenderingContext2D;
  private last: { readonly x: number; readonly y: number } | undefined;

  constructor(private readonly canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (context === null) throw new Error('this browser has no canvas');
    this.context = context;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.lineWidth = canvas.width / 12;
    context.strokeStyle = '#fff';
    this.clear();
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.last = this.at(event);
      this.draw(this.last);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (this.last !== undefined) this.draw(this.at(event));
    });
    for (const end of ['pointerup', 'pointercancel'] as const)
      canvas.addEventListener(end, () => {
        this.last = undefined;
      });
  }

  clear(): void {
    this.context.fillStyle = '#000';
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** 784 values from 0 to 1: the drawing, scaled into a box of 20 x 20 and centred by its mass. */
  pixels(): Float64Array {
    const { width, height } = this.canvas;
    const image = this.context.getImageData(0, 0, width, height).data;
    const ink = (x: number, y: number) => (image[4 * (y * width + x)] ?? 0) / 255;
    let [left, right, top, bottom, mass, sumX, sumY] = [width, 0, height, 0, 0, 0, 0];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const value = ink(x, y);
        if (value < 0.1) continue;
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
        mass += value;
        sumX += value * x;
        sumY += value * y;
      }
    const result = new Float64Array(SIDE * SIDE);
    if (mass === 0) return result;
    const step = Math.max(right - left + 1, bottom - top + 1) / BOX;
    const [centreX, centreY] = [sumX / mass, sumY / mass];
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++)
        result[y * SIDE + x] = mean(
          ink,
          centreX + (x - SIDE / 2) * step,
          centreY + (y - SIDE / 2) * step,
          step,
          width,
          height,
        );
    return result;
  }

  private at(event: PointerEvent): { x: number; y: number } {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.canvas.width,
      y: ((event.clientY - box.top) / box.height) * this.canvas.height,
    };
  }

  private draw(to: { readonly x: number; readonly y: number }): void {
    const from = this.last ?? to;
    this.context.beginPath();
    this.context.moveTo(from.x, from.y);
    this.context.lineTo(to.x, to.y);
    this.context.stroke();
    this.last = to;
  }
}

/** Mean ink over a square of the drawing. */
function mean(
  ink: (x: number, y: number) => number,
  x0: number,
  y0: number,
  side: number,
  width: number,
  height: number,
): number {
  let [sum, count] = [0, 0];
  for (let y = Math.floor(y0); y < y0 + side; y++)
    for (let x = Math.floor(x0); x < x0 + side; x++) {
      count++;
      if (x >= 0 && y >= 0 && x < width && y < height) sum += ink(x, y);
    }
  return sum / Math.max(count, 1);
}
