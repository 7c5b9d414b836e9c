/**
 * What the papers' released code gets wrong, and what this repository does instead. Each note names the
 * code that does it and, where there is one, the option that gives the released behaviour back;
 * `policies-doc.ts` looks all of them up.
 */

export interface Note {
  wrong: string;
  instead: string;
  /** `file#name`, from the root of the repository. */
  code: readonly string[];
  /** `file#title` of the test that shows it, from the root of the repository. */
  tests?: readonly string[];
  /** Of the policy, with the value that gives the released behaviour back. */
  released?: Readonly<Record<string, string | number | boolean>>;
}

const POLICY = 'main/core/policy';
const ALLOCATION = 'main/core/allocation';

export const NOTES: Readonly<Record<string, readonly Note[]>> = {
  hermes: [
    {
      wrong:
        'A worker pushes the sum of all gradients it ever computed. When it pulls the global model the sum goes on as before, so the next push describes a model that the worker does not have.',
      instead: 'Workers push the model that they have, and a pull is where the next progress is counted from.',
      code: ['main/core/local-model.ts#LocalModel', 'main/core/marks.ts#Marks'],
      tests: ['main/core/marks.test.ts#keeps every own step once, whatever is on its way when a model arrives'],
      released: { push: 'sum' },
    },
    {
      wrong:
        'Once a worker has been silent for λ iterations its threshold decays at every further one, and a push does not bring it back: it creeps toward 0 for good, and the gate ends up letting through nearly every improvement.',
      instead: 'The threshold decays once in λ silent iterations and returns to α with every push.',
      code: [`${POLICY}/hermes-gate.ts#hermesGate`],
      tests: [
        `${POLICY}/hermes-gate.test.ts#as released comes at every one from the λ-th on`,
        `${POLICY}/hermes-gate.test.ts#is undone by a push, or as released never`,
      ],
      released: { decay: 'every-iteration', restore: false },
    },
    {
      wrong:
        'Equal losses have a deviation of zero, which turns the score into 0/0. And two losses after a push are taken for enough to judge by.',
      instead:
        'Where the losses do not differ there is no score and no push; by default three losses are needed before there is one.',
      code: [`${POLICY}/hermes-gate.ts#zScore`],
      tests: [
        `${POLICY}/hermes-gate.test.ts#never pushes while losses do not move, however far the threshold has come (B1.3)`,
      ],
      released: { 'min-losses': 2 },
    },
    {
      wrong:
        'The gate compares losses that were measured on different rows: the last 15 % of each freshly drawn chunk.',
      instead: 'Every worker keeps one held-out set of rows that nobody trains on, and tests on it each time.',
      code: ['main/core/sampling.ts#probePositions'],
      tests: ['main/core/sampling.test.ts#are held-out rows: never one that anybody trains on'],
      released: { probe: 'tail' },
    },
    {
      wrong:
        'The function that is named a binary search scans sizes one by one, moves the mini-batch in the direction that makes a slow worker slower, so that only batch 16 ever matches, answers with no rows at all for short target times, and fails where nothing matches. Its tolerance is a second, whatever the scale.',
      instead:
        'For every candidate batch the number of rows is found by bisection within bounds, one of which is what the device can hold; the pair nearest the target wins. The released search is kept, but where it would answer nothing, or no rows, sizes stay as they are.',
      code: [
        `${ALLOCATION}/dual-binary-search.ts#dualBinarySearch`,
        `${ALLOCATION}/dual-binary-search.ts#releasedSearch`,
      ],
      tests: [
        `${ALLOCATION}/dual-binary-search.test.ts#gives at least the smallest size for targets of a second and less, where the released one gives 0 rows`,
        `${POLICY}/hermes-sizing.test.ts#the search changes nothing where it would answer no rows at all, or nothing`,
      ],
      released: { search: 'released' },
    },
    {
      wrong:
        'The target time is the median of the first complete round and never moves again. Times exactly on the fence count as outliers, so that on identical devices everyone is one.',
      instead:
        'The target follows the present median; a time on the fence, or within a tenth of the target, is no outlier.',
      code: [`${POLICY}/hermes-sizing.ts#resize`, `${POLICY}/hermes-sizing.ts#isOutlier`],
      tests: [
        `${POLICY}/hermes-sizing.test.ts#as released is the median of the first complete round, for ever: 20 steps of 10 ms (B1.6)`,
        `${POLICY}/hermes-sizing.test.ts#times on the fence are outliers: identical workers all are (B1.6)`,
      ],
      released: { median: 'frozen', outliers: 'inclusive' },
    },
    {
      wrong:
        'Every local iteration, pushed or not, has a new chunk of rows shipped to it; for small models that is more traffic than the models. The fields for a prefetched chunk are never filled; instead the server sleeps before it sends.',
      instead:
        'Rows stay on the device, are asked for ahead of need, and count in the byte accounting under a category of their own.',
      code: ['main/core/row-feed.ts#RowFeed', 'main/core/protocol/messages.ts#categoryOf'],
      tests: ['main/core/row-feed.test.ts#asks for what is needed now before what is needed later'],
      released: { draw: 'fresh' },
    },
    {
      wrong: 'The weights of pushes, the early stop and the accuracy that is reported all come from the same test set.',
      instead:
        'Decisions are made on validation rows cut from the training set. The test set is read once, for the final figure.',
      code: ['main/learn/datasets/splits.ts#splitRows', 'main/control-plane/preparation.ts#prepareRun'],
      tests: [
        'main/learn/datasets/splits.test.ts#puts every row into one part, whole, and cuts the same way for the same seed',
      ],
    },
    {
      wrong:
        'Gradients travel as JSON text and models as files; the 16-bit compression is not on the wire. The only measure of traffic is a count of calls.',
      instead:
        'Tensors travel as binary, in the encoding that the run names (`--encoding`), and every byte on the socket is counted by what it carried.',
      code: ['main/core/protocol/codec.ts#encodeMessage', 'main/core/accounting.ts#Ledger'],
      tests: [
        'tests/byte-accounting.test.ts#adds up to what an outside observer counts, through reconnection, a kill and a stranger',
      ],
    },
    {
      wrong: 'Threads change the global model and the kept gradients without a lock.',
      instead:
        'The server is one machine that takes one input at a time; a version of the model is a new vector and is never changed afterwards.',
      code: ['main/core/parameter-server.ts#ParameterServer', 'main/core/global-model.ts#GlobalModel'],
      tests: ['main/core/global-model.test.ts#is a new vector: whoever holds the old one may keep it'],
    },
    {
      wrong: 'A failed transfer is tried again by recursion without an end.',
      instead:
        'A worker connects again after random waits below a bound that doubles, and gives up after a stated time.',
      code: ['main/worker/back-off.ts#backOffMs', 'main/worker/link.ts#Link'],
      tests: ['main/worker/back-off.test.ts#waits a random time below a bound that doubles up to its maximum (L5)'],
    },
  ],
  'omnilearn-bsp': [
    {
      wrong:
        'The printed rule b · mean(t) / t does not keep the global batch; the code repairs that by rounding up in two places, which can push batches out of their bounds again and lets the sum drift. Its dead-band looks at each worker alone, relative to the new size.',
      instead:
        'Batches are shares of a fixed sum: proportional to measured throughput, water-filled into their bounds, rounded by largest remainder. The dead-band looks at the largest change and lets all move or none.',
      code: [
        `${ALLOCATION}/proportional.ts#proportionalAdjustment`,
        `${ALLOCATION}/proportional.ts#releasedAdjustment`,
      ],
      tests: [
        `${ALLOCATION}/proportional.test.ts#keeps the sum, where the printed rule b · mean(μ)/μ does not`,
        `${ALLOCATION}/proportional.test.ts#can leave its bounds and its global batch (B2.7)`,
      ],
      released: { controller: 'released' },
    },
    {
      wrong: 'The smoothed iteration time of the paper is a plain mean over one pass in the code.',
      instead:
        'Times are smoothed exponentially since the last change, and decisions come after a stated number of iterations.',
      code: [`${POLICY}/omnilearn-controller.ts#takeTime`],
      tests: [`${POLICY}/omnilearn.test.ts#follows a device that slows down while training`],
      released: { 'time-smoothing': 0, 'adjust-every': 0 },
    },
    {
      wrong:
        'Shards stay equal while batches differ, so that fast workers see their rows more often than others theirs.',
      instead: 'A worker’s shard is in proportion to its rows per iteration and follows them.',
      code: [`${ALLOCATION}/shards.ts#ShardPlan`, 'main/core/roster.ts#Roster'],
      tests: [`${ALLOCATION}/shards.test.ts#depend on the weights now, not on how they came about`],
    },
    {
      wrong: 'The earlier paper prints a further 1/K in the update although its weights already add up to 1.',
      instead: 'Gradients are weighed by rows, and nothing else divides the step.',
      code: [`${POLICY}/barrier.ts#weighedBySamples`],
      tests: ['main/core/aggregate.test.ts#is the gradient of the union of the batches, weighed by their rows'],
    },
  ],
  'omnilearn-asp': [
    {
      wrong:
        'The asynchronous variant does not run as released. What it describes replaces the global model by the last pusher’s, and workers pull once a pass.',
      instead: 'A push is a gradient, applied on arrival, and its answer is the new model.',
      code: [`${POLICY}/omnilearn-asp.ts#omnilearnAsp`],
      tests: [
        `${POLICY}/omnilearn.test.ts#OmniLearn ASP weighs an update by its rows, answers at once, and never lets a decision be waited for`,
      ],
    },
    {
      wrong: 'All workers meet for a decision on batches, so that one dead worker holds up the others for ever.',
      instead:
        'The server decides when everyone who is there has been timed; who leaves is no longer counted, and the others take over its share of the global batch.',
      code: [`${POLICY}/omnilearn-controller.ts#removeWorker`],
      tests: [
        `${POLICY}/omnilearn.test.ts#keeps the global batch at the run’s batch for each worker, whoever joins and leaves`,
      ],
    },
    {
      wrong: 'A learning rate that follows the batch is described, but not in the code.',
      instead: 'An update weighs b / mean(b).',
      code: [`${POLICY}/omnilearn-asp.ts#weightOf`],
      tests: [
        `${POLICY}/omnilearn.test.ts#OmniLearn ASP weighs an update by its rows, answers at once, and never lets a decision be waited for`,
      ],
      released: { 'rate-scaling': false },
    },
  ],
  adsp: [
    {
      wrong: 'All workers get the same number of commits: the term that lets one that missed some catch up is gone.',
      instead: 'Commits missed in one check period are made up for in the next.',
      code: [`${POLICY}/adsp.ts#check`],
      tests: [
        `${POLICY}/adsp.test.ts#that were missed are made up for in the next check period, C_target − c_i (B3.2)`,
      ],
    },
    {
      wrong:
        'The reward of a candidate comes from a curve put exactly through three losses, without a guard. By the authors’ own log a candidate whose loss rose got the highest reward of its search.',
      instead:
        'At least six evaluations are fitted by least squares with a curve that can only fall; a candidate whose loss does not fall is never better; a difference within the noise is none; where no curve fits, straight lines are compared.',
      code: [`${POLICY}/loss-curve.ts#fitCurve`, `${POLICY}/loss-curve.ts#isBetter`],
      tests: [`${POLICY}/loss-curve.test.ts#is never one whose loss rises: the case of the released log`],
    },
    {
      wrong: 'The rate can only grow, by one at a time, and every candidate stops and starts all workers.',
      instead:
        'The search goes down as well, by a factor, and training goes on while it measures. With `--search-factor 1` its steps are the released plus or minus one.',
      code: [`${POLICY}/adsp-search.ts#endCandidate`],
      tests: [
        `${POLICY}/adsp.test.ts#climbs down where up is worse (released: never)`,
        `${POLICY}/adsp.test.ts#in a run: measures while training goes on, settles, and rests until the next`,
      ],
    },
    {
      wrong:
        'A floor of ten seconds under the commit period caps the rate at about six a minute, whatever the search says.',
      instead: 'The period is the check period over the rate; a worker whose steps take longer commits at every step.',
      code: [`${POLICY}/adsp.ts#gate`],
      tests: [
        `${POLICY}/adsp.test.ts#who cannot keep the rate commits at every step, and owes no more than a check period`,
      ],
    },
    {
      wrong: 'Every tenth step trains on the rows that evaluation uses.',
      instead: 'Workers train on training rows only; judging is done elsewhere, on rows that no worker has.',
      code: ['main/learn/datasets/splits.ts#splitRows', 'main/learn/evaluator.ts#startEvaluator'],
      tests: [
        'main/learn/datasets/splits.test.ts#puts every row into one part, whole, and cuts the same way for the same seed',
      ],
    },
    {
      wrong: 'A commit is applied tensor by tensor while others read, so that workers can pull half of it.',
      instead: 'A version is made as a whole, and a pull sends one version.',
      code: ['main/core/global-model.ts#GlobalModel'],
      tests: ['main/core/global-model.test.ts#is a new vector: whoever holds the old one may keep it'],
    },
    {
      wrong: 'The plots compare times to different losses for different methods.',
      instead: '`compare` holds all rows against one target accuracy and shows runs that did not reach it as such.',
      code: ['main/core/comparison.ts#comparisonRow', 'main/control-plane/comparison.ts#compare'],
    },
  ],
  selsync: [
    {
      wrong:
        'The code averages the models before each worker takes its own step, so that replicas differ right after they were made equal.',
      instead: 'The step comes first, as in the paper: after a sync all have the same model.',
      code: [`${POLICY}/selsync.ts#endSync`],
      tests: [`${POLICY}/selsync.test.ts#after a sync all replicas are the same, to the bit`],
    },
    {
      wrong: 'Until its window is full the smoothed norm is 0, and the next step divides by it.',
      instead:
        'A step without one before it has no change, from nothing to something is any change, and until a worker’s window is full every step syncs.',
      code: [`${POLICY}/selsync.ts#relativeChange`, `${POLICY}/selsync.ts#measure`],
      tests: [`${POLICY}/selsync.test.ts#from no gradient to some is any change, from none to none is no change`],
    },
    {
      wrong:
        'The code sums the norms of layers and smooths twice by a fixed factor, where the paper has the squared norm of the whole gradient and N/100.',
      instead: 'The squared norm of the whole gradient is smoothed once, by N/100 unless another factor is given.',
      code: [`${POLICY}/selsync.ts#measure`, 'main/core/aggregate.ts#squaredNorm'],
      tests: [`${POLICY}/selsync.test.ts#smooths by N/100 for N workers`],
    },
    {
      wrong:
        'Some launch scripts name an aggregation that no branch of the code knows, and nothing is ever aggregated.',
      instead: 'An option that does not exist, or a value outside its range, is refused before anything starts.',
      code: [`${POLICY}/options.ts#resolveOptions`],
      tests: [`${POLICY}/registry.test.ts#refuses what is outside the range of an option, by its name and range`],
    },
  ],
};
