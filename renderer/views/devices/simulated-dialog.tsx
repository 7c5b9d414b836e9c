import { useState } from 'react';
import type { SimulatedDevice } from '../../../main/core/api.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { decimal } from '../../../main/core/display/format.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { NumberField, TextField } from '../../components/field.tsx';
import { LogSlider } from '../../components/log-slider.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { ask } from '../../state/control-plane.ts';
import { REFERENCE, simulatedDevices } from '../../state/simulated-devices.ts';
import { bitRate, latency } from '../simulate/figures.ts';

interface SimulatedDialogProps {
  /** Absent: new ones. */
  device?: SimulatedDevice | undefined;
  onClose: () => void;
}

type Figures = Omit<SimulatedDevice, 'id'>;

/** A single-board computer on a home network, to start from. */
const FIRST: Figures = {
  name: 'simulated',
  samplesPerSecond: 400,
  upBitsPerSecond: 20e6,
  downBitsPerSecond: 50e6,
  latencyMs: 10,
};
const MAX_COUNT = 100;

/** Devices that are described, for the simulator alone. */
export function SimulatedDialog({ device, onClose }: SimulatedDialogProps) {
  const [figures, setFigures] = useState<Figures>(device ?? FIRST);
  const [count, setCount] = useState('4');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorReport | null>(null);
  const change = (part: Partial<Figures>): void => setFigures((known) => ({ ...known, ...part }));
  const wanted = Number(count);
  const isCounted = Number.isInteger(wanted) && wanted >= 1 && wanted <= MAX_COUNT;
  const isNamed = /^[\w.-]{1,64}$/.test(figures.name);

  const submit = async (): Promise<void> => {
    setBusy(true);
    const answer =
      device === undefined
        ? await ask('simulatedDevices.add', { device: figures, count: wanted })
        : await ask('simulatedDevices.update', { device: { ...figures, id: device.id } });
    setBusy(false);
    if (!answer.ok) return setError(answer.error);
    simulatedDevices.set(answer.value);
    onClose();
  };
  const verb =
    device === undefined ? (wanted === 1 ? 'Add simulated device' : `Add ${count} simulated devices`) : 'Save';
  return (
    <Dialog
      title={device === undefined ? 'Add simulated devices' : `Edit ${device.name}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            type="submit"
            form="simulated-form"
            busy={busy}
            disabled={!isNamed || (device === undefined && !isCounted)}
          >
            {isCounted || device !== undefined ? verb : 'Add simulated devices'}
          </Button>
        </>
      }
    >
      <form
        id="simulated-form"
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p className="muted">
          Described, not there: they train in the simulator, never in a real run. Use them on Simulate, or to see
          beforehand what an experiment would do.
        </p>
        {error !== null && <ErrorNotice compact error={error} />}
        <div className="form-pair">
          <TextField
            label="Name"
            autoFocus
            value={figures.name}
            error={isNamed ? undefined : 'Letters, digits, dots, hyphens and underscores; at most 64.'}
            onChange={(name) => change({ name })}
          />
          {device === undefined && (
            <NumberField
              label="How many"
              hint="Several are numbered."
              value={count}
              error={isCounted ? undefined : `A whole number from 1 to ${MAX_COUNT}.`}
              onChange={setCount}
            />
          )}
        </div>
        <dl className="sliders">
          <Slider
            name="Speed alone"
            note={`training ${REFERENCE.model}, mini-batch ${REFERENCE.batch}`}
            value={figures.samplesPerSecond}
            {...{ min: 1, max: 100_000, text: (value: number) => `${decimal(value)} samples/s` }}
            onChange={(samplesPerSecond) => change({ samplesPerSecond })}
          />
          <Slider
            name="Upload"
            value={figures.upBitsPerSecond}
            {...{ min: 10_000, max: 1e10, text: bitRate }}
            onChange={(upBitsPerSecond) => change({ upBitsPerSecond })}
          />
          <Slider
            name="Download"
            value={figures.downBitsPerSecond}
            {...{ min: 10_000, max: 1e10, text: bitRate }}
            onChange={(downBitsPerSecond) => change({ downBitsPerSecond })}
          />
          <Slider
            name="Latency"
            note="one way"
            value={figures.latencyMs}
            {...{ min: 0.05, max: 5000, text: latency }}
            onChange={(latencyMs) => change({ latencyMs })}
          />
        </dl>
      </form>
    </Dialog>
  );
}

interface SliderProps {
  name: string;
  note?: string;
  value: number;
  min: number;
  max: number;
  text: (value: number) => string;
  onChange: (value: number) => void;
}

function Slider({ name, note, ...rest }: SliderProps) {
  return (
    <div>
      <dt>
        {name} {note !== undefined && <span className="muted">{note}</span>}
      </dt>
      <dd>
        <LogSlider label={name} {...rest} />
      </dd>
    </div>
  );
}
