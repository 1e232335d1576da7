import { createApp } from 'vue';
import { createRouter, createWebHistory } from 'vue-router';
import '../kit/tokens.css';
import { meta } from '../api/meta.ts';
import { usePlatformRealm } from '../api/session.ts';
import { showElder } from '../kit/elder.ts';
import { followRoutes } from '../kit/focus.ts';
import { loadWords } from '../kit/words/index.ts';
import { zhWork } from '../kit/words/zh_work.ts';
import App from './App.vue';

usePlatformRealm();
document.documentElement.lang = meta.locale;
document.documentElement.toggleAttribute('data-dense', true);
showElder();
const base = meta.base.endsWith('/console') ? meta.base : '/platform/console';
const router = createRouter({
  history: createWebHistory(`${base}/`),
  routes: [
    { path: '/', component: () => import('./Tenants.vue'), meta: { title: '租户' } },
    { path: '/tenants/new', component: () => import('./TenantNew.vue'), meta: { title: '新建租户' } },
    { path: '/health', component: () => import('./Health.vue'), meta: { title: '运行状况' } },
    { path: '/clock', component: () => import('./Clock.vue'), meta: { title: '演示时间' } },
    { path: '/:rest(.*)*', component: () => import('../kit/NotFound.vue'), meta: { title: '没有这个页面' } },
  ],
});
followRoutes(router, 'Linli 平台');
void loadWords(zhWork).then(() => createApp(App).use(router).mount('#app'));
