/** A canvas to draw a digit on, and what it is as 28 x 28 grey values: as digits of MNIST are, 20 high, centred by mass. */
export const SIZE = 28;
const INNER = 20;

export class Pad {
  readonly #canvas: HTMLCanvasElement;
  readonly #ink: CanvasRenderingContext2D;

  constructor(canvas: HTMLCanvasElement, onStroke: () => void) {
    this.#canvas = canvas;
    this.#ink = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
    this.clear();
    let last: [number, number] | undefined;
    const at = ({ clientX, clientY }: PointerEvent): [number, number] => {
      const box = canvas.getBoundingClientRect();
      return [
        ((clientX - box.left) / box.width) * canvas.width,
        ((clientY - box.top) / box.height) * canvas.height,
      ];
    };
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      last = at(event);
      this.#line(last, last);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (last === undefined) return;
      const next = at(event);
      this.#line(last, next);
      last = next;
    });
    for (const end of ['pointerup', 'pointercancel'])
      canvas.addEventListener(end, () => {
        if (last !== undefined) onStroke();
        last = undefined;
      });
  }

  clear(): void {
    this.#ink.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  /** Shows a picture of 28 x 28. */
  show(pixels: Float32Array): void {
    this.clear();
    this.#ink.imageSmoothingEnabled = true;
    this.#ink.drawImage(pictureOf(pixels), 0, 0, this.#canvas.width, this.#canvas.height);
  }

  /** What is drawn, from 0 to 1; undefined where nothing is. */
  pixels(): Float32Array | undefined {
    const { width, height } = this.#canvas;
    const { data } = this.#ink.getImageData(0, 0, width, height);
    let [left, top, right, bottom] = [width, height, -1, -1];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if ((data[4 * (y * width + x) + 3] as number) > 32) {
          [left, right] = [Math.min(left, x), Math.max(right, x)];
          [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
        }
    if (right < 0) return undefined;
    const [w, h] = [right - left + 1, bottom - top + 1];
    const scale = INNER / Math.max(w, h);
    const draw = (dx: number, dy: number): Float32Array => {
      const small = new OffscreenCanvas(SIZE, SIZE).getContext('2d') as OffscreenCanvasRenderingContext2D;
      small.imageSmoothingQuality = 'high';
      small.drawImage(
        this.#canvas,
        left,
        top,
        w,
        h,
        (SIZE - w * scale) / 2 + dx,
        (SIZE - h * scale) / 2 + dy,
        w * scale,
        h * scale,
      );
      const drawn = small.getImageData(0, 0, SIZE, SIZE).data;
      return Float32Array.from({ length: SIZE * SIZE }, (_, i) => (drawn[4 * i + 3] as number) / 255);
    };
    const [cx, cy] = centre(draw(0, 0));
    return draw((SIZE - 1) / 2 - cx, (SIZE - 1) / 2 - cy);
  }

  #line(from: [number, number], to: [number, number]): void {
    const ink = this.#ink;
    ink.lineWidth = this.#canvas.width / 13;
    ink.lineCap = 'round';
    ink.strokeStyle = '#f5f2ea';
    ink.beginPath();
    ink.moveTo(...from);
    ink.lineTo(...to);
    ink.stroke();
  }
}

function centre(pixels: Float32Array): [number, number] {
  let [mass, x, y] = [0, 0, 0];
  pixels.forEach((value, i) => {
    mass += value;
    x += value * (i % SIZE);
    y += value * Math.floor(i / SIZE);
  });
  return [x / mass, y / mass];
}

/** A canvas with a picture on it. */
export function pictureOf(pixels: Float32Array): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIZE;
  const image = new ImageData(SIZE, SIZE);
  for (const [i, value] of pixels.entries()) image.data.set([245, 242, 234, Math.round(value * 255)], 4 * i);
  (canvas.getContext('2d') as CanvasRenderingContext2D).putImageData(image, 0, 0);
  return canvas;
}
