/**
 * Models as their papers draw them, in plain loops over doubles: no engine, no tensor, nothing of the
 * program. Slow and obvious, to judge what the program says of a model.
 */

export interface Tensor {
  shape: number[];
  values: Float32Array;
}

/** A safetensors file, read as its specification says. */
export function parseSafetensors(bytes: Uint8Array): {
  tensors: Map<string, Tensor>;
  metadata: Record<string, string>;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes))) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const { __metadata__: metadata, ...entries } = header;
  const tensors = new Map<string, Tensor>();
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(entries)) {
    if (dtype !== 'F32') throw new Error(`${name} is ${dtype}`);
    const [begin, end] = offsets;
    const values = new Float32Array((end - begin) / 4);
    for (let index = 0; index < values.length; index++) {
      values[index] = view.getFloat32(8 + headerBytes + begin + 4 * index, true);
    }
    if (values.length !== shape.reduce((product, extent) => product * extent, 1)) throw new Error(`${name} is torn`);
    tensors.set(name, { shape, values });
  }
  return { tensors, metadata: metadata as unknown as Record<string, string> };
}

type Numbers = Float64Array | number[];

/** y = x · W + b; W is [inputs, units], row by row. */
export function dense(x: Numbers, kernel: Tensor, bias: Tensor): number[] {
  const [inputs = 0, units = 0] = kernel.shape;
  if (x.length !== inputs) throw new Error(`${x.length} values for ${inputs} inputs`);
  return Array.from({ length: units }, (_, unit) => {
    let total = at(bias.values, unit);
    for (let input = 0; input < inputs; input++) total += at(x, input) * at(kernel.values, input * units + unit);
    return total;
  });
}

export function relu(x: Numbers): number[] {
  return Array.from(x, (value) => Math.max(0, value));
}

export interface Picture {
  height: number;
  width: number;
  channels: number;
  /** Row by row, then place by place, then channel by channel. */
  values: Numbers;
}

/** A 3×3 window at every place, zeros outside; the kernel is [3, 3, channels, filters]. */
export function convolve(picture: Picture, kernel: Tensor, bias: Tensor): Picture {
  const { height, width, channels } = picture;
  const [size = 0, , , filters = 0] = kernel.shape;
  const reach = (size - 1) / 2;
  const values = new Float64Array(height * width * filters);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let filter = 0; filter < filters; filter++) {
        let total = at(bias.values, filter);
        for (let down = -reach; down <= reach; down++) {
          for (let right = -reach; right <= reach; right++) {
            if (y + down < 0 || y + down >= height || x + right < 0 || x + right >= width) continue;
            for (let channel = 0; channel < channels; channel++) {
              const pixel = at(picture.values, ((y + down) * width + x + right) * channels + channel);
              const weight = (((down + reach) * size + right + reach) * channels + channel) * filters + filter;
              total += pixel * at(kernel.values, weight);
            }
          }
        }
        values[(y * width + x) * filters + filter] = total;
      }
    }
  }
  return { height, width, channels: filters, values };
}

/** The largest of every 2×2 places. */
export function poolByTwo({ height, width, channels, values }: Picture): Picture {
  const pooled: Picture = { height: height / 2, width: width / 2, channels, values: [] };
  const target = pooled.values as number[];
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      for (let channel = 0; channel < channels; channel++) {
        const place = (down: number, right: number): number =>
          at(values, ((y + down) * width + x + right) * channels + channel);
        target.push(Math.max(place(0, 0), place(0, 1), place(1, 0), place(1, 1)));
      }
    }
  }
  return pooled;
}

/** Share of rows whose largest logit is their label's, and mean cross-entropy in nats. */
export function judge(
  rows: { features: Uint8Array; labels: Uint8Array },
  logitsOf: (pixels: Float64Array) => number[],
): { accuracy: number; loss: number } {
  const { features, labels } = rows;
  const size = features.length / labels.length;
  let correct = 0;
  let lossSum = 0;
  labels.forEach((label, row) => {
    const logits = logitsOf(Float64Array.from(features.subarray(row * size, (row + 1) * size), (byte) => byte / 255));
    const largest = Math.max(...logits);
    if (logits.indexOf(largest) === label) correct += 1;
    lossSum +=
      largest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) - at(logits, label);
  });
  return { accuracy: correct / labels.length, loss: lossSum / labels.length };
}

function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new Error(`nothing at ${index} of ${values.length}`);
  return value;
}
