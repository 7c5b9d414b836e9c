import type { DeviceView } from '../../../main/core/device.ts';
import { plural } from '../../../main/core/display/format.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { uninstall } from './device-actions.ts';

export function UninstallDialog({ devices, onClose }: { devices: readonly DeviceView[]; onClose: () => void }) {
  const what = devices.length === 1 ? (devices[0]?.name ?? '') : plural(devices.length, 'device');
  return (
    <Dialog
      title={`Uninstall from ${what}?`}
      onClose={onClose}
      actions={
        <>
          <Button autoFocus onClick={onClose}>
            Cancel
          </Button>
          <Button
            kind="danger"
            onClick={() => {
              onClose();
              uninstall(devices);
            }}
          >
            Uninstall from {what}
          </Button>
        </>
      }
    >
      <p>
        Takes the agent, its runtime and its logs off {devices.length === 1 ? 'the device' : 'these devices'}. Nothing
        of Caduceus is left there. The inventory keeps {devices.length === 1 ? 'it' : 'them'}, and its host keys.
      </p>
      {devices.length > 1 && <p className="muted">{devices.map(({ name }) => name).join(', ')}</p>}
    </Dialog>
  );
}
