import { createApp } from 'vue';
import '../kit/tokens.css';
import { meta } from '../api/meta.ts';
import { showElder } from '../kit/elder.ts';
import { followRoutes } from '../kit/focus.ts';
import { loadWords } from '../kit/words/index.ts';
import { zhWork } from '../kit/words/zh_work.ts';
import App from './App.vue';
import { router } from './router.ts';

document.documentElement.lang = meta.locale;
document.documentElement.toggleAttribute('data-dense', true);
showElder();
followRoutes(router, '物业监管平台');
void loadWords(zhWork).then(() => createApp(App).use(router).mount('#app'));
