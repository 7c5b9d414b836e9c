import { createRoot } from 'react-dom/client';
import { openBridge } from './bridge.ts';
import { AdmissionGate } from './frame/admission-gate.tsx';
import { followNativeMenu } from './frame/native-menu.ts';
import { Shell } from './frame/shell.tsx';
import { followApp } from './state/app.ts';
import { holdBridge } from './state/control-plane.ts';
import { followDevices } from './state/devices.ts';
import { followJobs } from './state/jobs.ts';
import { followAddress } from './state/route.ts';
import { followRuns } from './state/runs.ts';
import { followSettings } from './state/settings.ts';
import { followSimulatedDevices } from './state/simulated-devices.ts';
import { restoreTheme } from './state/theme.ts';
import './styles/tokens.css';
import './styles/base.css';

restoreTheme();
// First, because it takes the token out of the address.
holdBridge(openBridge());
followAddress();
followDevices();
followJobs();
followRuns();
followApp();
followSettings();
followSimulatedDevices();
followNativeMenu();
const root = document.getElementById('root');
if (root !== null)
  createRoot(root).render(
    <AdmissionGate>
      <Shell />
    </AdmissionGate>,
  );
