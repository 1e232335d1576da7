// The public pages work without this script. It adds the elder switch, reading aloud and the sorting of tables.
import './site.css';
import { compareCells } from './sort.ts';

const ELDER = 'linli.elder';

function kept(): boolean {
  try {
    return localStorage.getItem(ELDER) === '1';
  } catch {
    return false;
  }
}

function elder(): void {
  const button = document.querySelector<HTMLButtonElement>('[data-elder-switch]');
  const show = (on: boolean) => {
    document.documentElement.toggleAttribute('data-elder', on);
    button?.setAttribute('aria-pressed', String(on));
    if (button) button.textContent = on ? '标准版' : '长辈版';
  };
  show(kept());
  button?.addEventListener('click', () => {
    const on = !document.documentElement.hasAttribute('data-elder');
    show(on);
    try {
      localStorage.setItem(ELDER, on ? '1' : '0');
    } catch {
      // Kept for this page only.
    }
  });
}

function readAloud(): void {
  const button = document.querySelector<HTMLButtonElement>('[data-read]');
  const said = document.querySelector('[data-said]');
  button?.addEventListener('click', () => {
    const speech = window.speechSynthesis as SpeechSynthesis | undefined;
    if (!speech || speech.getVoices().length === 0) {
      if (said) said.textContent = '此设备没有朗读语音';
      return;
    }
    if (speech.speaking) {
      speech.cancel();
      button.textContent = '读出本页';
      return;
    }
    const text = new SpeechSynthesisUtterance(document.querySelector('main')?.innerText ?? '');
    text.lang = document.documentElement.lang;
    text.onend = () => {
      button.textContent = '读出本页';
    };
    button.textContent = '停止朗读';
    speech.speak(text);
  });
}

function sortable(table: HTMLTableElement): void {
  const heads = Array.from(table.tHead?.rows[0]?.cells ?? []);
  heads.forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') === 'ascending';
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const body = table.tBodies[0];
      if (!body) return;
      const rows = Array.from(body.rows).sort((a, b) => {
        const order = compareCells(a.cells[column]?.textContent ?? '', b.cells[column]?.textContent ?? '');
        return down ? -order : order;
      });
      body.append(...rows);
    });
  });
}

elder();
readAloud();
document.querySelectorAll<HTMLTableElement>('table[data-sort]').forEach(sortable);
document.querySelectorAll<HTMLElement>('.tools').forEach((tools) => {
  tools.hidden = false;
});
