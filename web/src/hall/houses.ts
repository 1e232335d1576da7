import type { MyHouse } from '../api/views.ts';

/** How people say where they live. */
export function placeOf(house: MyHouse): string {
  const said = [
    house.project_name ? `${house.project_name} ` : '',
    house.building_name ? `${house.building_name}号楼` : '',
    house.unit_name ? `${house.unit_name}单元` : '',
    house.room ?? '',
  ]
    .join('')
    .trim();
  return said || house.code;
}
