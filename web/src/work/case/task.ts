import { everyRow } from '../../kit/use.ts';
import type { TaskView } from '../../api/views.ts';

/** One task out of the boxes that I may see, the likeliest first. */
export async function findTask(id: string): Promise<TaskView | null> {
  for (const view of ['todo', 'pool', 'done', 'mine', 'copied']) {
    const rows = await everyRow<TaskView>('workflow_task_list', { query: { view } });
    const found = rows.find((row) => row.id === id);
    if (found) return found;
  }
  return null;
}
