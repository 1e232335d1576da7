/** Colour and shape of a state; the word stands beside it always. */
export type Tone = 'good' | 'soon' | 'bad' | 'run' | 'back' | 'none';

const TONES: Record<string, Tone> = {};
function put(tone: Tone, states: string): void {
  for (const state of states.split(' ')) TONES[state] = tone;
}
put(
  'good',
  'active done executed posted receipted paid full settled archived filed committed checked approved completed bound published registered normal vote_passed accepted imported answered decided clean retention_paid waived',
);
put(
  'soon',
  'draft proposed submitted invited paid_pending partly_paid partial created open noticed due objection objected manual_review applying voting expired front_stage transition',
);
put(
  'bad',
  'failed rejected quarantined vote_failed unpaid locked infected refused returned_by_bank upheld unmanaged',
);
put(
  'run',
  'running in_review publicised settlement_publicised signed sent in_works contracted advance_paid progress_paid checking committing queued provisioning frozen allocated scheme_ready surveyed cost_audited self_managed',
);
put('back', 'returned refunded withdrawn released');
put(
  'none',
  'ended cancelled terminated closed void none suspended superseded retired waiting read_only left consumed',
);

export function tone(state: string | null | undefined): Tone {
  return (state && TONES[state]) || 'run';
}

export const SHAPES: Record<Tone, string> = {
  good: '●',
  soon: '▲',
  bad: '■',
  run: '◆',
  back: '↩',
  none: '–',
};
