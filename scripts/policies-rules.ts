/**
 * Which function computes which formula of a policy, and which tests show it. `policies-doc.ts` looks
 * every function and every test up, so that none of them can be gone or renamed without notice.
 */

import { UNEQUAL_RULES } from './policies-rules-unequal.ts';

export interface RuleRow {
  formula: string;
  /** `file#name`, from the root of the repository. */
  code: readonly string[];
  /** `file#title` of the test, from the root of the repository. */
  tests: readonly string[];
  source: string;
}

const POLICY = 'main/core/policy';
const EQUIVALENCES = `${POLICY}/equivalences.test.ts`;
const OURS = 'ours';

const WEIGHTED_BY_ROWS = `${POLICY}/barrier.ts#weighedBySamples`;
const MODEL = 'main/core/global-model.ts#GlobalModel';

const SELSYNC = 'SelSync (2023), Algorithm 1';

/** The rows of each policy, by its name. */
export const RULES: Readonly<Record<string, readonly RuleRow[]>> = {
  bsp: [
    {
      formula: 'w -= eta * sum(lambda_i * g_i), lambda_i = b_i / sum(b)',
      code: [WEIGHTED_BY_ROWS, MODEL],
      tests: [
        `${POLICY}/bsp.test.ts#weighs each by its rows`,
        `${EQUIVALENCES}#is plain SGD with the union of the batches`,
      ],
      source: 'mini-batch SGD',
    },
    {
      formula: 'a round ends when nobody of the active set is still training',
      code: [`${POLICY}/barrier.ts#isComplete`, `${POLICY}/bsp.ts#endRound`],
      tests: [
        `${POLICY}/bsp.test.ts#ends exactly when nobody of the active set is still training (B4), under any comings and goings`,
      ],
      source: 'Valiant 1990',
    },
    {
      formula: 'a round does not depend on the order of arrival',
      code: [`${POLICY}/barrier.ts#open`],
      tests: [`${POLICY}/bsp.test.ts#is the same whatever the order of arrival (B3)`],
      source: OURS,
    },
  ],
  asp: [
    {
      formula: 'w -= eta * g_i on arrival',
      code: [`${POLICY}/asp.ts#asp`, MODEL],
      tests: [`${POLICY}/asp.test.ts#nobody waits for anybody (A1)`],
      source: 'asynchronous SGD',
    },
    {
      formula: 'eta / n with round-scaling',
      code: [`${POLICY}/asp.ts#asp`],
      tests: [
        `${POLICY}/asp.test.ts#with round-scaling, which is the default, a round of pushes weighs as much as one BSP round, for as many as there are`,
      ],
      source: OURS,
    },
  ],
  ssp: [
    {
      formula: 'start the next iteration while c − min(c_j) ≤ s',
      code: [`${POLICY}/ssp.ts#tick`, `${POLICY}/ssp.ts#advance`],
      tests: [
        `${POLICY}/ssp.test.ts#nobody starts an iteration more than s ahead of the slowest (S1), and nobody stands still (L2)`,
      ],
      source: 'Ho et al., NIPS 2013',
    },
    {
      formula: 'the model read holds every update of clock ≤ c − s − 1',
      code: [`${POLICY}/ssp.ts#grant`],
      tests: [`${POLICY}/ssp.test.ts#a model that a worker starts on holds every update of clock ≤ c − s − 1 (S2)`],
      source: 'Ho et al., NIPS 2013',
    },
    {
      formula: 'a lease up to clock min(c_j) + s + 1',
      code: [`${POLICY}/ssp.ts#grant`],
      tests: [
        `${POLICY}/ssp.test.ts#lets a worker go s + 1 iterations without a word, then asks; the slowest one’s step lets it go on`,
      ],
      source: OURS,
    },
    {
      formula: 's = 0 has the schedule of BSP',
      code: [`${POLICY}/ssp.ts#ssp`],
      tests: [
        `${POLICY}/ssp.test.ts#SSP(0) starts every iteration when BSP does`,
        `${EQUIVALENCES}#SSP with s = 0 and updates divided by the number of workers`,
      ],
      source: 'Ho et al., NIPS 2013',
    },
  ],
  ebsp: [
    {
      formula: 't[i][r] = start_i + r · interval_i, r = 1 … R',
      code: [`${POLICY}/zip-line.ts#finishTime`],
      tests: [`${POLICY}/zip-line.test.ts#gives a plan that has the spread and the end it says, without a worker at 0`],
      source: 'Zhao et al. 2020',
    },
    {
      formula: 'the set with the least spread, the earliest of equals',
      code: [`${POLICY}/zip-line.ts#zipLine`],
      tests: [
        `${POLICY}/zip-line.test.ts#finds what brute force finds, for n ≤ 4 and R ≤ 5`,
        `${POLICY}/zip-line.test.ts#takes the earliest of equals: equal workers do one iteration`,
      ],
      source: 'Zhao et al. 2020 (ZipLine)',
    },
    {
      formula: 'worker i runs r_i iterations, then waits',
      code: [`${POLICY}/ebsp.ts#iterated`, `${POLICY}/ebsp.ts#openIfAllThere`],
      tests: [
        `${POLICY}/ebsp.test.ts#measures one round as BSP, then runs each as often as fits until the next barrier`,
        `${POLICY}/ebsp.test.ts#between barriers nobody runs more than R iterations, and at a barrier nobody is missing`,
      ],
      source: 'Zhao et al. 2020',
    },
    {
      formula: 'w -= eta * g_i on arrival, inside a superstep',
      code: [`${POLICY}/ebsp.ts#ebsp`, MODEL],
      tests: [`${EQUIVALENCES}#Elastic BSP with a lookahead of 1 and updates divided by the number of workers`],
      source: 'Zhao et al. 2020',
    },
  ],
  selsync: [
    {
      formula: 'D = |E_i − E_(i−1)| / E_(i−1) ≥ delta',
      code: [`${POLICY}/selsync.ts#relativeChange`, `${POLICY}/selsync.ts#measure`],
      tests: [`${POLICY}/selsync.test.ts#flags at a change of exactly δ, upwards or downwards, and not below it`],
      source: SELSYNC,
    },
    {
      formula: 'E_i = E_(i−1) + (N / 100) * (norm² − E_(i−1))',
      code: [`${POLICY}/selsync.ts#measure`],
      tests: [`${POLICY}/selsync.test.ts#smooths by N/100 for N workers`],
      source: 'SelSync (2023)',
    },
    {
      formula: 'if any worker flags: w = mean(w_i)',
      code: [`${POLICY}/selsync.ts#beginSync`, `${POLICY}/selsync.ts#endSync`],
      tests: [
        `${POLICY}/selsync.test.ts#without a flag goes on from one’s own model, with a flag of anyone averages all`,
        `${POLICY}/selsync.test.ts#after a sync all replicas are the same, to the bit`,
      ],
      source: SELSYNC,
    },
    {
      formula: 'every step syncs until a window has filled',
      code: [`${POLICY}/selsync.ts#measure`],
      tests: [`${POLICY}/selsync.test.ts#syncs while a window has not filled, that of a joiner as well`],
      source: 'SelSync, released code',
    },
    {
      formula: 'delta = 0 is BSP; delta beyond any change never communicates',
      code: [`${POLICY}/selsync.ts#proceed`],
      tests: [
        `${EQUIVALENCES}#SelSync with δ = 0: every step syncs`,
        `${EQUIVALENCES}#SelSync with δ beyond any change and no warm-up sends one model to each worker, and no update ever`,
      ],
      source: SELSYNC,
    },
    {
      formula: 'everyone walks all rows, from another place (SelDP)',
      code: [`${POLICY}/selsync.ts#selsync`, 'main/core/sampling.ts#Walk'],
      tests: [`${POLICY}/selsync.test.ts#walks through all rows, each worker from its own part on (SelDP)`],
      source: 'SelSync (2023)',
    },
  ],
  'local-sgd': [
    {
      formula: 'd = sum(n_i * d_i) / sum(n_i); w += d',
      code: [WEIGHTED_BY_ROWS, `${POLICY}/local-sgd.ts#endRound`, MODEL],
      tests: [
        `${POLICY}/local-sgd.test.ts#averages progress by rows when all are there`,
        `${EQUIVALENCES}#local SGD with one worker, H steps a round`,
      ],
      source: 'McMahan et al. 2017',
    },
    {
      formula: 'v = mu * v − d; w −= rate * (mu * v − d)',
      code: ['main/core/optimizer.ts#Sgd', `${POLICY}/local-sgd.ts#localSgd`],
      tests: [
        `${POLICY}/local-sgd.test.ts#with an outer optimizer moves by Nesterov’s rule on the mean progress`,
        `${EQUIVALENCES}#local SGD with H = 1 and an outer optimizer that does nothing`,
      ],
      source: 'Douillard et al. 2023 (DiLoCo)',
    },
    {
      formula: 'max(1, round(C · n)) workers take part in a round',
      code: [`${POLICY}/local-sgd.ts#choose`],
      tests: [
        `${POLICY}/local-sgd.test.ts#is a function of the seed and of who is there (F3), of the right size, and comes to everyone`,
      ],
      source: 'McMahan et al. 2017',
    },
    {
      formula: 'H = 1 is BSP',
      code: [`${POLICY}/local-sgd.ts#localSgd`],
      tests: [`${EQUIVALENCES}#local SGD with H = 1`],
      source: 'McMahan et al. 2017',
    },
  ],
  adacomm: [
    {
      formula: 't = ceil(tau0 * sqrt(F / F0)); tau = t if t < tau, else ceil(tau / 2)',
      code: [`${POLICY}/adacomm.ts#nextTau`],
      tests: [
        `${POLICY}/adacomm.test.ts#follows the square root of the loss where that lowers it, and is halved where not`,
        `${POLICY}/adacomm.test.ts#never grows, and is never below 1`,
      ],
      source: 'Wang & Joshi 2019, as in ADSP’s released code',
    },
    {
      formula: 'w += (1 / N) * sum(d_i), every tau steps',
      code: [`${POLICY}/adacomm.ts#endRound`, MODEL],
      tests: [
        `${POLICY}/adacomm.test.ts#averages progress evenly at a barrier, and changes τ for all at the first barrier after a check period`,
        `${EQUIVALENCES}#AdaComm with τ = 1`,
      ],
      source: 'Wang & Joshi 2019',
    },
    {
      formula: 'tau stays without adaptive, or without a loss',
      code: [`${POLICY}/adacomm.ts#check`],
      tests: [`${POLICY}/adacomm.test.ts#keeps τ when it is not adaptive, and when the loss is no number`],
      source: 'fixed AdaComm in ADSP’s released code',
    },
  ],
  ...UNEQUAL_RULES,
};
