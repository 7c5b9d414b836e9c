/** A pen on a small square of paper: line segments with round ends, anti-aliased, darkest value kept. */

export class Paper {
  readonly side: number;
  /** Ink, 0 … 1, row by row. */
  readonly ink: Float32Array;

  constructor(side: number) {
    this.side = side;
    this.ink = new Float32Array(side * side);
  }

  clear(): void {
    this.ink.fill(0);
  }

  /**
   * Draws from one point to another, in pixels (pixel centres at .5); the pen's radius changes evenly
   * from one end to the other. Only the box around the segment is visited.
   */
  segment(fromX: number, fromY: number, toX: number, toY: number, fromRadius: number, toRadius: number): void {
    const { side, ink } = this;
    const reach = Math.max(fromRadius, toRadius) + 0.5;
    const firstX = Math.max(0, Math.floor(Math.min(fromX, toX) - reach));
    const lastX = Math.min(side - 1, Math.floor(Math.max(fromX, toX) + reach));
    const firstY = Math.max(0, Math.floor(Math.min(fromY, toY) - reach));
    const lastY = Math.min(side - 1, Math.floor(Math.max(fromY, toY) + reach));
    const alongX = toX - fromX;
    const alongY = toY - fromY;
    const lengthSquared = alongX * alongX + alongY * alongY;
    const perLength = lengthSquared > 0 ? 1 / lengthSquared : 0;
    for (let y = firstY; y <= lastY; y++) {
      const offsetY = y + 0.5 - fromY;
      for (let x = firstX; x <= lastX; x++) {
        const offsetX = x + 0.5 - fromX;
        const share = Math.min(1, Math.max(0, (offsetX * alongX + offsetY * alongY) * perLength));
        const awayX = offsetX - share * alongX;
        const awayY = offsetY - share * alongY;
        const radius = fromRadius + share * (toRadius - fromRadius);
        const cover = radius + 0.5 - Math.sqrt(awayX * awayX + awayY * awayY);
        const place = y * side + x;
        if (cover > (ink[place] as number)) ink[place] = Math.min(1, cover);
      }
    }
  }

  /** Takes ink away within a disc with a soft edge; in pixels. */
  erase(centreX: number, centreY: number, radius: number): void {
    const { side, ink } = this;
    for (let y = Math.max(0, Math.floor(centreY - radius - 1)); y < Math.min(side, centreY + radius + 1); y++) {
      for (let x = Math.max(0, Math.floor(centreX - radius - 1)); x < Math.min(side, centreX + radius + 1); x++) {
        const awayX = x + 0.5 - centreX;
        const awayY = y + 0.5 - centreY;
        const kept = Math.min(1, Math.max(0, Math.sqrt(awayX * awayX + awayY * awayY) - radius + 0.5));
        ink[y * side + x] = (ink[y * side + x] as number) * kept;
      }
    }
  }
}
