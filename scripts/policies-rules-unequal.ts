/** The rows of `policies-rules.ts` for the policies that measure devices and adapt to them. */
import type { RuleRow } from './policies-rules.ts';

const POLICY = 'main/core/policy';
const ALLOCATION = 'main/core/allocation';
const EQUIVALENCES = `${POLICY}/equivalences.test.ts`;
const OURS = 'ours';

const WEIGHTED_BY_ROWS = `${POLICY}/barrier.ts#weighedBySamples`;
const MODEL = 'main/core/global-model.ts#GlobalModel';

const HERMES = 'Hermes (HiPC 2024), released code';
const ADSP = 'ADSP (AAAI 2020), released code';
const TAMING = 'Taming Resource Heterogeneity (2023)';

export const UNEQUAL_RULES: Readonly<Record<string, readonly RuleRow[]>> = {
  adsp: [
    {
      formula: 'W += U / M on arrival',
      code: [`${POLICY}/adsp.ts#adsp`, MODEL],
      tests: [
        `${POLICY}/adsp.test.ts#are applied with 1/M and answered with a model at once, whoever else is there`,
        `${EQUIVALENCES}#ADSP with one worker (M = 1): each commit is the model that the worker has then`,
      ],
      source: ADSP,
    },
    {
      formula: 'dC_i = max(1, C_target − c_i); commit period = G / dC_i',
      code: [`${POLICY}/adsp.ts#check`],
      tests: [
        `${POLICY}/adsp.test.ts#that were missed are made up for in the next check period, C_target − c_i (B3.2)`,
        `${POLICY}/adsp.test.ts#everyone commits equally often, and trains all the time`,
      ],
      source: 'ADSP (AAAI 2020)',
    },
    {
      formula: 'commit at the end of the first iteration after the period',
      code: [`${POLICY}/adsp.ts#gate`],
      tests: [
        `${POLICY}/adsp.test.ts#pushes at the end of the iteration in which the commit period is over, and never waits`,
        `${POLICY}/adsp.test.ts#is not thrown off by steps that end late: the rate comes out right`,
      ],
      source: ADSP,
    },
    {
      formula: 'search for dC: up while the loss falls faster, else down',
      code: [`${POLICY}/adsp-search.ts#endCandidate`, `${POLICY}/adsp-search.ts#neighbour`],
      tests: [
        `${POLICY}/adsp.test.ts#climbs to the best rate and stops behind it`,
        `${POLICY}/adsp.test.ts#climbs down where up is worse (released: never)`,
      ],
      source: 'ADSP (AAAI 2020), Algorithm 1; downwards: ours',
    },
    {
      formula: 'l(t) = 1 / (a t + b) + c, least squares',
      code: [`${POLICY}/loss-curve.ts#fitCurve`],
      tests: [
        `${POLICY}/loss-curve.test.ts#finds the curve that losses lie on, as far as they go`,
        `${POLICY}/loss-curve.test.ts#never has a floor above a loss, a curve that rises, or a time that is negative, whatever the losses`,
      ],
      source: ADSP,
    },
    {
      formula: 'reward = a / (1 / (v − c) − 1 / (u − c)) from loss u to v',
      code: [`${POLICY}/loss-curve.ts#rewardOf`, `${POLICY}/loss-curve.ts#isBetter`],
      tests: [
        `${POLICY}/loss-curve.test.ts#is never one whose loss rises: the case of the released log`,
        `${POLICY}/loss-curve.test.ts#is neither where they differ by less than their noise`,
      ],
      source: ADSP,
    },
    {
      formula: 'a new search when the loss rises by 30 % in a period',
      code: [`${POLICY}/adsp.ts#searchOn`],
      tests: [`${POLICY}/adsp.test.ts#starts again when the loss jumps by 30 % in a check period`],
      source: ADSP,
    },
  ],
  'omnilearn-bsp': [
    {
      formula: 'b_k = B · X_k / ΣX, X_k = b_k / mu_k, Σb = B',
      code: [`${ALLOCATION}/proportional.ts#proportionalBatches`, `${ALLOCATION}/proportional.ts#largestRemainder`],
      tests: [
        `${ALLOCATION}/proportional.test.ts#add up to the total exactly, within every bound, in whole rows`,
        `${ALLOCATION}/proportional.test.ts#are within one row of the exact share where no bound is met`,
      ],
      source: `${TAMING}, eq. 2–5; the sum: ours`,
    },
    {
      formula: 'bounds by water-filling',
      code: [`${ALLOCATION}/proportional.ts#waterFill`],
      tests: [
        `${ALLOCATION}/proportional.test.ts#keep proportions among those inside their bounds, whoever is outside: water-filling`,
      ],
      source: OURS,
    },
    {
      formula: 'mu_k = EWMA of the times since the last change',
      code: [`${POLICY}/omnilearn-controller.ts#takeTime`],
      tests: [
        `${POLICY}/omnilearn.test.ts#does not judge a batch by an iteration that was begun with another`,
        `${POLICY}/omnilearn.test.ts#follows a device that slows down while training`,
      ],
      source: TAMING,
    },
    {
      formula: 'no change inside the dead-band, all or none outside',
      code: [`${ALLOCATION}/proportional.ts#proportionalAdjustment`],
      tests: [
        `${ALLOCATION}/proportional.test.ts#does nothing in the dead-band, and all or nothing outside it`,
        `${ALLOCATION}/proportional.test.ts#is idempotent: measured anew at the new batches it changes nothing`,
      ],
      source: TAMING,
    },
    {
      formula: 'w -= eta * sum(lambda_k * g_k), lambda_k = b_k / sum(b)',
      code: [WEIGHTED_BY_ROWS, `${POLICY}/omnilearn-bsp.ts#endRound`],
      tests: [`${POLICY}/omnilearn.test.ts#weighs gradients by rows, and changes batches at the end of a round`],
      source: `${TAMING}, eq. 2`,
    },
    {
      formula: 'shards in proportion to batches',
      code: [`${ALLOCATION}/shards.ts#ShardPlan`, 'main/core/roster.ts#Roster'],
      tests: [`${ALLOCATION}/shards.test.ts#are within one row of their share (D1)`],
      source: OURS,
    },
    {
      formula: 'cap at the old batch when throughput fell after it grew',
      code: [`${POLICY}/omnilearn-controller.ts#learnLimits`],
      tests: [
        `${POLICY}/omnilearn.test.ts#caps a worker that got slower for being given more, where it is told to (Taming)`,
      ],
      source: TAMING,
    },
    {
      formula: 'b − (b / t) · (t − mean(t)), each on its own, rounded up',
      code: [`${ALLOCATION}/proportional.ts#releasedAdjustment`],
      tests: [
        `${POLICY}/omnilearn.test.ts#as released decides once a pass, each worker on its own, and lets the global batch drift (B2.7)`,
      ],
      source: 'OmniLearn, released code',
    },
  ],
  'omnilearn-asp': [
    {
      formula: 'w -= eta * (b_k / mean(b)) * g_k on arrival',
      code: [`${POLICY}/omnilearn-asp.ts#weightOf`, MODEL],
      tests: [
        `${POLICY}/omnilearn.test.ts#OmniLearn ASP weighs an update by its rows, answers at once, and never lets a decision be waited for`,
        `${EQUIVALENCES}#OmniLearn ASP on equal devices, to the bit`,
      ],
      source: 'OmniLearn (TPDS 2025); the factor: ours after its text',
    },
    {
      formula: 'batches as in OmniLearn BSP',
      code: [`${POLICY}/omnilearn-controller.ts#takeTime`, `${ALLOCATION}/proportional.ts#proportionalAdjustment`],
      tests: [
        `${POLICY}/omnilearn.test.ts#gives speeds of 1, 2, 4 and 8 batches in that proportion in one step, and then rests`,
        `${POLICY}/omnilearn.test.ts#keeps the global batch at the run’s batch for each worker, whoever joins and leaves`,
      ],
      source: 'OmniLearn (TPDS 2025)',
    },
  ],
  hermes: [
    {
      formula: 'z = (L − mean(Q)) / sd(Q), the newest loss in Q',
      code: [`${POLICY}/hermes-gate.ts#zScore`],
      tests: [
        `${POLICY}/hermes-gate.test.ts#of the newest of n losses is at least −√(n−1), and reaches it`,
        `${POLICY}/hermes-gate.test.ts#does not change when losses are scaled or shifted`,
      ],
      source: HERMES,
    },
    {
      formula: 'push when z ≤ threshold',
      code: [`${POLICY}/hermes-gate.ts#hermesGate`],
      tests: [
        `${POLICY}/hermes-gate.test.ts#with α = −1.3 cannot fire before the third loss after a push, whatever the losses`,
        `${POLICY}/hermes-gate.test.ts#forgets its losses when it pushes`,
      ],
      source: HERMES,
    },
    {
      formula: 'threshold *= 1 − beta, once in lambda iterations; alpha after a push',
      code: [`${POLICY}/hermes-gate.ts#hermesGate`],
      tests: [
        `${POLICY}/hermes-gate.test.ts#comes once in λ iterations without a push`,
        `${POLICY}/hermes-gate.test.ts#is undone by a push, or as released never`,
      ],
      source: 'Hermes (HiPC 2024); the restoring: ours',
    },
    {
      formula: 'w = (W1 * w + W2 * w_i) / (W1 + W2), W = 1 / loss',
      code: [`${POLICY}/hermes.ts#pushJudged`, `${POLICY}/hermes.ts#worth`, MODEL],
      tests: [
        `${POLICY}/hermes.test.ts#after that weighs one over its loss, against one over the model’s`,
        'main/core/global-model.test.ts#of gradient sums from the first model is the same mean of models',
      ],
      source: HERMES,
    },
    {
      formula: 'T = K · E · samples / batch',
      code: [`${ALLOCATION}/dual-binary-search.ts#iterationTime`, `${ALLOCATION}/dual-binary-search.ts#stepTime`],
      tests: [
        `${ALLOCATION}/dual-binary-search.test.ts#T = K · E · samples / batch, and K comes back from a measured T`,
      ],
      source: HERMES,
    },
    {
      formula: 'for each batch bisect the rows; least |T − target|',
      code: [`${ALLOCATION}/dual-binary-search.ts#dualBinarySearch`],
      tests: [
        `${ALLOCATION}/dual-binary-search.test.ts#is within a thousandth of the best of all pairs`,
        `${POLICY}/hermes-sizing.test.ts#one slow worker gets fewer rows, and its predicted time meets the median`,
      ],
      source: 'Hermes (HiPC 2024)',
    },
    {
      formula: 'outlier: beyond Q1 − 1.5 IQR or Q3 + 1.5 IQR of the others',
      code: [`${POLICY}/hermes-sizing.ts#isOutlier`, `${POLICY}/hermes-sizing.ts#resize`],
      tests: [
        `${POLICY}/hermes-sizing.test.ts#nobody, on the fence: 1.5 interquartile ranges beyond the quartiles of the others`,
        `${POLICY}/hermes-sizing.test.ts#with its new sizes it is no outlier any more`,
      ],
      source: HERMES,
    },
    {
      formula: 'stop after `patience` pushes without a better loss',
      code: [`${POLICY}/hermes.ts#modelJudged`],
      tests: [`${POLICY}/hermes.test.ts#stop the run after \`patience\` pushes without a better one`],
      source: HERMES,
    },
    {
      formula: 'control gates: chance or a period at the same rate',
      code: [`${POLICY}/hermes-control-gate.ts#controlGate`],
      tests: [
        `${POLICY}/hermes-control-gate.test.ts#all three gates push equally often where the controls are given the z-score’s rate`,
      ],
      source: OURS,
    },
  ],
};
