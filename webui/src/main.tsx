/** The page's entry: makes the one store, gives it its surroundings, and shows it. */
import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import './style/base.css';
import './style/sessions.css';
import './style/player.css';
import './style/panes.css';
import './style/comparison.css';
import { render } from 'preact';
import { createApi } from './api/client';
import { connectLive } from './api/live';
import { browserAddress } from './state/address';
import { AppStore } from './state/app';
import { browserMemory } from './state/layout';
import { App } from './views/App';

const app = new AppStore({
  api: createApi(),
  address: browserAddress(),
  connect: connectLive,
  memory: browserMemory(),
  pulse: (callback) => {
    requestAnimationFrame(callback);
  },
});

const root = document.getElementById('app');
if (root !== null) render(<App app={app} />, root);
