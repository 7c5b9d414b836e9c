import type { DeviceView, StepProgress } from '../../../main/core/device.ts';
import { Button } from '../../components/button.tsx';
import { LogView } from '../../components/log-view.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { Stepper, type Step } from '../../components/stepper.tsx';
import { deploy } from './device-actions.ts';
import { STEP_WORDS, tookWords } from './device-words.ts';

/** The deployment under way or the last one, step by step: how long each took, what it said, what to do where it failed. */
export function DeviceSteps({ device }: { device: DeviceView }) {
  if (device.steps === null) return null;
  return <Stepper label={`Deployment to ${device.name}`} steps={device.steps.map((step) => shown(device, step))} />;
}

function shown(device: DeviceView, step: StepProgress): Step {
  const hasMore = step.log.length > 0 || step.error !== undefined;
  return {
    key: step.step,
    label: STEP_WORDS[step.step],
    state: step.state,
    detail: step.detail,
    took: tookWords(step.tookMs),
    progress: step.progress,
    children: hasMore && <StepMore device={device} step={step} />,
  };
}

function StepMore({ device, step }: { device: DeviceView; step: StepProgress }) {
  const label = `Log of ${STEP_WORDS[step.step].toLowerCase()}`;
  return (
    <>
      {step.error !== undefined && (
        <ErrorNotice
          compact
          error={step.error}
          actions={
            device.state === 'failed' && (
              <Button size="small" icon="refresh" onClick={() => deploy([device])}>
                Try again
              </Button>
            )
          }
        />
      )}
      {step.log.length > 0 &&
        (step.state === 'running' || step.state === 'failed' ? (
          <LogView label={label} lines={step.log} />
        ) : (
          <details className="step-log">
            <summary>{step.log.length === 1 ? '1 line of log' : `${step.log.length} lines of log`}</summary>
            <LogView label={label} lines={step.log} />
          </details>
        ))}
    </>
  );
}
