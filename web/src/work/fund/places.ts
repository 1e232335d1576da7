import { computed, ref, watch } from 'vue';
import { mayCall } from '../../api/session.ts';
import type { HouseRow, Scope } from '../../api/views.ts';
import { everyRow } from '../../kit/use.ts';
import { word } from '../../kit/words/index.ts';

/** How people say where a house is, and what a scope takes in, from the houses of a project. */
export function usePlaces(project_id: () => string | null | undefined) {
  const houses = ref<HouseRow[]>([]);
  watch(
    project_id,
    async (id) => {
      houses.value =
        id && mayCall('property_house_list')
          ? await everyRow<HouseRow>('property_house_list', { query: { project_id: id } }).catch(() => [])
          : [];
    },
    { immediate: true },
  );
  const places = computed(
    () =>
      new Map(
        houses.value.map((house) => [
          house.id,
          `${house.building_name}号楼${house.unit_name ? `${house.unit_name}单元` : ''}${house.room}`,
        ]),
      ),
  );
  function scopeText(scope: { kind: Scope['kind']; ids?: string[] }): string {
    const ids = new Set(scope.ids);
    const names = new Set<string>();
    for (const house of houses.value) {
      if (scope.kind === 'building' && ids.has(house.building_id)) names.add(`${house.building_name}号楼`);
      if (scope.kind === 'unit' && house.unit_id && ids.has(house.unit_id))
        names.add(`${house.building_name}号楼${house.unit_name}单元`);
    }
    if (names.size && names.size <= 3) return [...names].join('、');
    if (scope.kind === 'project') return word('scope_house', scope.kind);
    return scope.kind === 'houses' ? `${ids.size} 户` : `${word('scope_house', scope.kind)} ${ids.size} 个`;
  }
  return { places, scopeText };
}
