import { ref } from 'vue';

const NAME = 'linli.elder';

function read(): boolean {
  try {
    return localStorage.getItem(NAME) === '1';
  } catch {
    return false;
  }
}

/** 长辈版: large type, high contrast, tall buttons; the same pages. Kept on the device. */
export const elder = ref(read());

export function showElder(): void {
  document.documentElement.toggleAttribute('data-elder', elder.value);
}

export function setElder(on: boolean): void {
  elder.value = on;
  try {
    localStorage.setItem(NAME, on ? '1' : '0');
  } catch {
    // Kept for this page only.
  }
  showElder();
}
