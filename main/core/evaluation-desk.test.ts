/** The model is judged at most once at a time and at most every so often, and always the newest. */
import { expect, it } from 'vitest';
import { EvaluationDesk } from './evaluation-desk.ts';

const progress = (version: number) => ({ version, iterations: 0, samples: 0, bytes: 0 });

it('version 0 is judged at once; then nothing until there is a new version and the time has come', () => {
  const desk = new EvaluationDesk(100);
  expect([desk.nextTurnMs(0), desk.takeModelTurn(5, 0)]).toEqual([-Infinity, true]);
  desk.close(desk.openModel(progress(0)).id);
  expect([desk.nextTurnMs(0), desk.takeModelTurn(1e6, 0)]).toEqual([Infinity, false]);
  expect([desk.nextTurnMs(1), desk.takeModelTurn(104, 1), desk.takeModelTurn(105, 1)]).toEqual([105, false, true]);
});

it('nothing is judged while the model is being judged, however much time has passed', () => {
  const desk = new EvaluationDesk(10);
  desk.takeModelTurn(0, 0);
  const ticket = desk.openModel(progress(0));
  expect([desk.nextTurnMs(7), desk.takeModelTurn(1e6, 7)]).toEqual([Infinity, false]);
  expect(desk.close(ticket.id)).toEqual(ticket);
  expect(desk.takeModelTurn(1e6, 7)).toBe(true);
});

it('what a policy waits for is judged as soon as nothing else is, time or not, once', () => {
  const desk = new EvaluationDesk(1e6);
  desk.takeModelTurn(0, 0);
  const first = desk.openModel(progress(0));
  desk.wantModel();
  expect(desk.takeModelTurn(1, 1)).toBe(false);
  desk.close(first.id);
  expect([desk.takeModelTurn(1, 1), desk.takeModelTurn(1, 1)]).toEqual([true, false]);
});

it('pushes are judged beside the model, and a verdict is used once', () => {
  const desk = new EvaluationDesk(10);
  desk.takeModelTurn(0, 0);
  const [model, push] = [desk.openModel(progress(0)), desk.open(3, progress(0))];
  expect(push.id).not.toBe(model.id);
  expect(desk.close(push.id)?.subject).toBe(3);
  expect(desk.close(push.id)).toBeUndefined();
  expect(desk.takeModelTurn(100, 5)).toBe(false); // the model is still being judged
  expect(desk.close(99)).toBeUndefined();
});
