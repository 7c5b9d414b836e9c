/** What a run is asked to be. Checked here once; everything behind trusts it. */
import { z } from 'zod';
import { ENCODINGS } from './compression/encoding.ts';
import { CaduceusError } from './errors.ts';
import { type Issue, issuesOf } from './issue.ts';
import { isEveryAddress } from './listen-address.ts';
import { ALLOCATIONS } from './policy/allocated.ts';
import { modelNamed, MODELS, modelSchema, type ModelSpec, validateModel } from './model.ts';

const positive = z.number().int().min(1);
const LOCAL_WORKERS = 4;

const runConfigSchema = z.strictObject({
  name: z.string().min(1).max(80).optional(),
  policy: z.string().min(1),
  /** Values for the policy's own options; checked against its schema. */
  options: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
  /** How rows are shared out, where it is not to be as the policy has it. */
  allocation: z.enum(ALLOCATIONS).optional(),
  model: z.string().min(1).default('mlp-109k'),
  /** The model itself, where it is none that comes with Caduceus; `model` is then its name. */
  modelSpec: modelSchema.optional(),
  dataset: z
    .strictObject({
      name: z.string().min(1).default('digits'),
      dataDir: z.string().min(1).optional(),
      trainRows: positive.max(10_000_000).optional(),
      testRows: positive.max(10_000_000).optional(),
    })
    .default({ name: 'digits' }),
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
  /** Mini-batch size that every worker starts with. */
  batch: positive.max(65_536).default(16),
  learningRate: z.number().positive().max(1000).default(0.1),
  momentum: z.number().min(0).max(0.9999).default(0),
  /** Of updates and models on the wire. */
  encoding: z.enum(ENCODINGS).default('f32'),
  /** Of models, where it is to be another. */
  encodingDown: z.enum(ENCODINGS).optional(),
  /** Rows cut from the training set to judge the model while it trains. */
  validationRows: positive.max(1_000_000).default(2000),
  /** At most one evaluation of the global model in this time. */
  evaluateEveryMs: z.number().min(0).max(3_600_000).default(500),
  stop: z
    .strictObject({
      /** Stop when validation accuracy reaches this share, 0 … 1. */
      targetAccuracy: z.number().gt(0).max(1).optional(),
      maxSeconds: z.number().positive().max(31_536_000).default(600),
      maxIterations: positive.max(Number.MAX_SAFE_INTEGER).optional(),
      /** Stop when so many judgements in a row have brought no better validation accuracy. */
      giveUpAfter: positive.max(Number.MAX_SAFE_INTEGER).optional(),
    })
    .default({ maxSeconds: 600 }),
  workers: z
    .strictObject({
      /** Worker processes on this machine; when left out, none beside devices and else four. */
      local: z.number().int().min(0).max(256).optional(),
      /** Devices by name or identifier, `tag:…` for all that bear a tag, `all` for every deployed one. */
      devices: z.array(z.string().min(1).max(128)).max(512).default([]),
      /** Relative speeds of the local workers, fastest 1; repeated when shorter than the count. */
      speeds: z.array(z.number().gt(0).max(1)).min(1).max(256).optional(),
      /** Engine that the workers use; the fastest that works when left out. */
      engine: z.enum(['tfjs-node', 'wasm', 'cpu']).optional(),
    })
    .transform(({ local, ...rest }) => ({ ...rest, local: local ?? (rest.devices.length > 0 ? 0 : LOCAL_WORKERS) }))
    .refine(({ local, devices }) => local + devices.length > 0, {
      path: ['local'],
      error: 'without devices at least one worker is needed here',
    })
    .default({ local: LOCAL_WORKERS, devices: [] }),
  server: z
    .strictObject({
      /** An address of this machine; when left out, the loopback and those through which devices are reached. */
      host: z
        .string()
        .min(1)
        .refine((host) => !isEveryAddress(host), 'name one address: every interface is too many')
        .optional(),
      /** 0: any free port. */
      port: z.number().int().min(0).max(65_535).default(0),
      /** `auto`: TLS wherever the path is neither loopback, tailnet nor tunnel. `always`: on the tailnet, too. */
      tls: z.enum(['auto', 'always']).default('auto'),
    })
    .default({ port: 0, tls: 'auto' }),
  /** Start with those who are there when not all have joined by then. */
  joinGraceMs: positive.max(600_000).default(60_000),
  /** Give a run up when it has had no worker for this long. */
  lostGraceMs: positive.max(86_400_000).default(60_000),
  checkpointEveryMs: positive.max(86_400_000).default(30_000),
});

export type RunConfig = z.infer<typeof runConfigSchema>;
export type RunConfigInput = z.input<typeof runConfigSchema>;

/** Complete settings, or everything that is wrong with them. */
export function checkRunConfig(input: unknown): { config: RunConfig | null; issues: Issue[] } {
  const parsed = runConfigSchema.safeParse(input);
  if (!parsed.success) return { config: null, issues: issuesOf(parsed.error) };
  const { modelSpec } = parsed.data;
  if (modelSpec === undefined) return { config: parsed.data, issues: [] };
  const complaint = complaintAbout(modelSpec);
  if (complaint === null) return { config: { ...parsed.data, model: modelSpec.name }, issues: [] };
  const issue: Issue = { path: 'modelSpec', severity: 'error', code: 'model', message: complaint, range: null };
  return { config: null, issues: [issue] };
}

function complaintAbout(modelSpec: ModelSpec): string | null {
  if (Object.hasOwn(MODELS, modelSpec.name)) return `another model is named ${modelSpec.name}`;
  try {
    validateModel(modelSpec);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @throws CAD-CONFIG naming every setting that is wrong. */
export function parseRunConfig(input: unknown): RunConfig {
  const { config, issues } = checkRunConfig(input);
  if (config !== null) return config;
  const complaints = issues.map(({ path, message }) => `${path || 'settings'}: ${message}`);
  throw new CaduceusError(
    'CAD-CONFIG',
    `the run settings are not valid: ${complaints.join('; ')}`,
    'Correct the named settings. On the command line, `--help` lists them with their ranges.',
  );
}

/** What is trained. @throws CAD-MODEL-UNKNOWN */
export function modelOf({ model, modelSpec }: Pick<RunConfig, 'model' | 'modelSpec'>): ModelSpec {
  return modelSpec ?? modelNamed(model);
}
