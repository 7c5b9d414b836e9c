/** Written by scripts/window-policies.ts from the policies' docstrings. Change those and run: npm run docs */

export interface PolicyNotes {
  rule: string;
  source: string;
  limits: string;
  formulas: readonly string[];
}

export const POLICY_NOTES: Readonly<Record<string, PolicyNotes>> = {
  bsp: {
    rule: 'every worker pushes the mean gradient of one mini-batch and waits; when all active workers have pushed, `w -= eta * sum(lambda_i * g_i)` with `lambda_i = b_i / sum(b)`, and all go on with the new model.',
    source: 'Valiant 1990 for the model.',
    limits: 'as slow as its slowest worker.',
    formulas: [
      'w -= eta * sum(lambda_i * g_i), lambda_i = b_i / sum(b)',
      'a round ends when nobody of the active set is still training',
      'a round does not depend on the order of arrival',
    ],
  },
  asp: {
    rule: 'every worker pushes the mean gradient of one mini-batch; the server applies it on arrival, `w -= (eta / n) * g_i` for n active workers, and answers with the new model. Nobody waits for anybody else.',
    source: 'asynchronous SGD as in Hogwild! (Niu et al. 2011) and DistBelief (Dean et al. 2012).',
    limits: 'gradients are stale by as many versions as others pushed meanwhile.',
    formulas: ['w -= eta * g_i on arrival', 'eta / n with round-scaling'],
  },
  ssp: {
    rule: 'every worker counts its iterations in a clock. A worker at clock c may start its next iteration while c − min_j c_j ≤ s, on a model that holds every update of clock ≤ c − s − 1 and all of its own. Each iteration is pushed and added to the model on arrival, `w += u_i / n` for n active workers.',
    source: 'Ho et al., NIPS 2013; the released code of ADSP has one as a baseline (s = 40).',
    limits:
      'with s = 0 as slow as its slowest worker; with a large s and `pull stale` a worker hears of others once in s + 1 iterations.',
    formulas: [
      'start the next iteration while c − min(c_j) ≤ s',
      'the model read holds every update of clock ≤ c − s − 1',
      'a lease up to clock min(c_j) + s + 1',
      's = 0 has the schedule of BSP',
    ],
  },
  ebsp: {
    rule: "between two barriers lies a superstep, in which worker i runs r_i iterations as in ASP: it pushes each mini-batch gradient, `w -= (eta / n) * g_i` on arrival, and goes on with the new model. Then it waits until all have done their r_i, and the next superstep is planned by ZipLine from everybody's last iteration interval.",
    source: "Elastic BSP (Zhao et al. 2020). The authors' code is withheld.",
    limits: 'a long lookahead waits less and is staler.',
    formulas: [
      't[i][r] = start_i + r · interval_i, r = 1 … R',
      'the set with the least spread, the earliest of equals',
      'worker i runs r_i iterations, then waits',
      'w -= eta * g_i on arrival, inside a superstep',
    ],
  },
  selsync: {
    rule: 'every step each worker updates its own model first, then all exchange one flag: `D = |E_i − E_(i−1)| / E_(i−1) ≥ delta`, with E the exponentially weighted mean of the squared gradient norm. If any worker flags, all push their models, w = mean_i w_i, and go on from w. Otherwise each goes on from its own.',
    source: 'SelSync (Tyagi & Swany 2023), Algorithm 1.',
    limits: 'every step has a barrier, of flags if not of models; momentum is never averaged.',
    formulas: [
      'D = |E_i − E_(i−1)| / E_(i−1) ≥ delta',
      'E_i = E_(i−1) + (N / 100) * (norm² − E_(i−1))',
      'if any worker flags: w = mean(w_i)',
      'every step syncs until a window has filled',
      'delta = 0 is BSP; delta beyond any change never communicates',
      'everyone walks all rows, from another place (SelDP)',
    ],
  },
  'local-sgd': {
    rule: "in each round every worker takes H steps of its own from the round's model w and pushes what it moved, d_i; when all have, `d = sum(n_i * d_i) / sum(n_i)` with n_i its rows. Without an outer optimizer `w += d`. With Nesterov's, −d is its gradient: `v = mu * v − d; w −= rate * (mu * v − d)`.",
    source: 'McMahan et al. 2017 (FedAvg); Douillard et al. 2023 (DiLoCo).',
    limits: 'a round is as slow as its slowest worker; a large H needs rows to be alike everywhere.',
    formulas: [
      'd = sum(n_i * d_i) / sum(n_i); w += d',
      'v = mu * v − d; w −= rate * (mu * v − d)',
      'max(1, round(C · n)) workers take part in a round',
      'H = 1 is BSP',
    ],
  },
  adacomm: {
    rule: "every worker takes tau steps from the round's model and pushes what it moved; when all have, `w += (1/N) * sum(d_i)`. At the end of every check period, with F the loss now and F0 at the start, t = ceil(tau0 * sqrt(F / F0)); tau becomes t where that is less, else ceil(tau / 2).",
    source: "Wang & Joshi, MLSys 2019, as the baseline in ADSP's released code.",
    limits: 'a round is as slow as its slowest worker; tau never grows.',
    formulas: [
      't = ceil(tau0 * sqrt(F / F0)); tau = t if t < tau, else ceil(tau / 2)',
      'w += (1 / N) * sum(d_i), every tau steps',
      'tau stays without adaptive, or without a loss',
    ],
  },
  adsp: {
    rule: 'a worker takes local steps and, each time its commit period is over, pushes what it has moved since the last commit and goes on; `W += U / M` on arrival for M workers. At every check, after a check period G, `C_target += dC`, and worker i, with c_i commits so far, is to make `dC_i = max(1, C_target − c_i)` in the next: its commit period is `G / dC_i`. From time to time, and when the loss jumps, dC itself is searched for.',
    source: 'ADSP (Hu et al., AAAI 2020) and its released code, STrain.',
    limits: 'steps longer than the commit period make commits rarer than asked for.',
    formulas: [
      'W += U / M on arrival',
      'dC_i = max(1, C_target − c_i); commit period = G / dC_i',
      'commit at the end of the first iteration after the period',
      'search for dC: up while the loss falls faster, else down',
      'l(t) = 1 / (a t + b) + c, least squares',
      'reward = a / (1 / (v − c) − 1 / (u − c)) from loss u to v',
      'a new search when the loss rises by 30 % in a period',
    ],
  },
  'omnilearn-bsp': {
    rule: 'as BSP, with `lambda_k = b_k / sum(b)`; every so many rounds the batches b_k follow the measured speeds at the same global batch. Shards are in proportion to batches, so that every row is seen equally often.',
    source: 'OmniLearn (TPDS 2025) and its code; Taming Resource Heterogeneity 2023.',
    limits: "equal times need batches small enough to divide; a step's fixed cost is not modelled.",
    formulas: [
      'b_k = B · X_k / ΣX, X_k = b_k / mu_k, Σb = B',
      'bounds by water-filling',
      'mu_k = EWMA of the times since the last change',
      'no change inside the dead-band, all or none outside',
      'w -= eta * sum(lambda_k * g_k), lambda_k = b_k / sum(b)',
      'shards in proportion to batches',
      'cap at the old batch when throughput fell after it grew',
      'b − (b / t) · (t − mean(t)), each on its own, rounded up',
    ],
  },
  'omnilearn-asp': {
    rule: 'as ASP, with `w -= (eta / n) * (b_k / mean(b)) * g_k` on arrival; every so many iterations of all workers the batches b_k follow the measured speeds at the same sum.',
    source: 'OmniLearn (TPDS 2025) and its released code.',
    limits: 'as ASP; workers of equal times push equally often, and are then equally stale.',
    formulas: ['w -= eta * (b_k / mean(b)) * g_k on arrival', 'batches as in OmniLearn BSP'],
  },
  hermes: {
    rule: 'after every local iteration (E epochs over its rows) a worker tests its model on held-out rows and pushes when the gate says that the gain is real. The server judges the pushed model on its validation rows and mixes: with W1 = 1 / loss(global) and W2 = 1 / loss(pushed), `w = (W1 * w + W2 * w_i) / (W1 + W2)`. Only the pusher gets the result. Sizes follow measured times.',
    source: 'Hermes (HiPC 2024) and its released code.',
    limits: 'pushes are judged one after the other; a worker learns of others only at its own pushes.',
    formulas: [
      'z = (L − mean(Q)) / sd(Q), the newest loss in Q',
      'push when z ≤ threshold',
      'threshold *= 1 − beta, once in lambda iterations; alpha after a push',
      'w = (W1 * w + W2 * w_i) / (W1 + W2), W = 1 / loss',
      'T = K · E · samples / batch',
      'for each batch bisect the rows; least |T − target|',
      'outlier: beyond Q1 − 1.5 IQR or Q3 + 1.5 IQR of the others',
      'stop after `patience` pushes without a better loss',
      'control gates: chance or a period at the same rate',
    ],
  },
};
