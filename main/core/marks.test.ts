import { describe, expect, it } from 'vitest';
import { Marks, MAX_MARKS } from './marks.ts';
import type { Vector } from './parameters.ts';
import { below, prng } from './prng.ts';

/**
 * One worker against a server that others change as well, in whole numbers so that sums are exact.
 * The worker's model is always: what the last model had of others, and every step of its own.
 */
class Scene {
  local = 0;
  hasMoved = false;
  own = 0;
  othersSeen = 0;
  others = 0;
  included = 0;
  sequence = 0;
  readonly flying: { sequence: number; delta: number }[] = [];
  readonly marks = new Marks(vector(0));

  train(step: number): void {
    this.local += step;
    this.own += step;
    this.hasMoved = true;
  }

  push(): void {
    this.sequence += 1;
    this.flying.push({ sequence: this.sequence, delta: this.local - (this.marks.base[0] as number) });
    this.marks.push(this.sequence, vector(this.local), this.hasMoved);
    this.hasMoved = false;
  }

  /** The server takes `count` pushes and answers with a model, which the worker takes at once. */
  answer(count: number): void {
    const taken = this.flying.splice(0, count);
    for (const { delta } of taken) this.included += delta;
    const model = vector(this.others + this.included);
    const next = this.marks.rebase(
      model,
      taken.at(-1)?.sequence ?? this.sequence - this.flying.length,
      vector(this.local),
      this.hasMoved,
    );
    this.local = next[0] as number;
    this.othersSeen = this.others;
  }
}

function vector(value: number): Vector {
  return Float32Array.of(value);
}

describe('marks', () => {
  it('keeps every own step once, whatever is on its way when a model arrives', () => {
    for (let seed = 0; seed < 300; seed++) {
      const chance = prng(seed, 'marks');
      const scene = new Scene();
      for (let step = 0; step < 60; step++) {
        const action = below(chance, 4);
        if (action === 0) scene.train(below(chance, 9) - 4);
        if (action === 1 && scene.flying.length < MAX_MARKS - 1) scene.push();
        if (action === 2) scene.answer(below(chance, scene.flying.length + 1));
        if (action === 3) scene.others += below(chance, 9) - 4;
        expect(scene.local).toBe(scene.othersSeen + scene.own);
      }
      scene.push();
      scene.answer(scene.flying.length);
      expect(scene.included).toBe(scene.own);
    }
  });

  it('gives a worker that has done nothing since its push the model itself, to the bit', () => {
    const marks = new Marks(Float32Array.of(0.1, 0.2));
    const local = Float32Array.of(0.30000001, 1e20);
    marks.push(1, local, true);
    const model = Float32Array.of(0.7, -0.3);
    expect(marks.rebase(model, 1, local, false)).toBe(model);
    expect(model).toEqual(Float32Array.of(0.7, -0.3));
  });

  it('bounds what is kept: beyond it older steps are missing for a while, never doubled, never lost', () => {
    const scene = new Scene();
    for (let push = 0; push < MAX_MARKS + 5; push++) {
      scene.train(1);
      scene.push();
    }
    scene.answer(1);
    expect(scene.local).toBeLessThanOrEqual(scene.own);
    scene.answer(scene.flying.length);
    expect(scene.local).toBe(scene.own);
    expect(scene.included).toBe(scene.own);
  });
});
