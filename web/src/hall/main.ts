import { createApp } from 'vue';
import '../kit/tokens.css';
import { meta } from '../api/meta.ts';
import { showElder } from '../kit/elder.ts';
import { followRoutes } from '../kit/focus.ts';
import { loadWords } from '../kit/words/index.ts';
import App from './App.vue';
import { router } from './router.ts';

document.documentElement.lang = meta.locale;
showElder();
followRoutes(router, '物业服务大厅');
void loadWords().then(() => createApp(App).use(router).mount('#app'));
