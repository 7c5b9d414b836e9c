import { createRoot } from 'react-dom/client';
import { Shell } from './frame/shell.tsx';
import { followAddress } from './state/route.ts';
import { restoreTheme } from './state/theme.ts';
import './styles/tokens.css';
import './styles/base.css';

restoreTheme();
followAddress();
const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<Shell />);
