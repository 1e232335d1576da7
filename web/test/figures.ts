// The demo's houses as its seed makes them, and the figures that follow from them by the regulation's own
// arithmetic: largest remainder, two thirds rounded up. Nothing here is read from the program.

export interface House {
  n: number;
  building: string;
  unit: string;
  floor: number;
  room: string;
  /** Hundredths of a square metre. */
  area: bigint;
  /** Fen paid in at the start. */
  paid: bigint;
}

const two = (n: number): string => String(n).padStart(2, '0');
export const houses: House[] = Array.from({ length: 72 }, (_, n) => {
  const floor = (Math.floor(n / 3) % 6) + 1;
  const area = BigInt(7000 + ((n * 977) % 7500));
  return {
    n,
    building: n < 36 ? '1' : '2',
    unit: Math.floor(n / 18) % 2 === 0 ? '1' : '2',
    floor,
    room: `${two(floor)}${two((n % 3) + 1)}`,
    area,
    paid: n < 4 || n % 3 !== 2 ? area * 120n : 0n,
  };
});
export const entrance = houses.filter((house) => house.building === '1' && house.unit === '1');

export const sum = (all: bigint[]): bigint => all.reduce((a, b) => a + b, 0n);
export const yuan = (fen: bigint): string => `${fen / 100n}.${String(fen % 100n).padStart(2, '0')}`;
export const shown = (fen: bigint): string => {
  const [whole, cents] = yuan(fen).split('.');
  return `${whole!.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}`;
};

/** Largest remainder; ties by the larger weight, then by the smaller code, which rises with n. */
export function allocate(total: bigint, weights: { n: number; weight: bigint }[]): Map<number, bigint> {
  const all = sum(weights.map((one) => one.weight));
  const shares = new Map(weights.map((one) => [one.n, (total * one.weight) / all]));
  const left = total - sum([...shares.values()]);
  const order = [...weights].sort((a, b) => {
    const [x, y] = [(total * a.weight) % all, (total * b.weight) % all];
    if (x !== y) return x > y ? -1 : 1;
    if (a.weight !== b.weight) return a.weight > b.weight ? -1 : 1;
    return a.n - b.n;
  });
  for (const one of order.slice(0, Number.parseInt(String(left), 10)))
    shares.set(one.n, shares.get(one.n)! + 1n);
  return shares;
}
/** City one: by area. */
export const byArea = (all: House[]) => all.map((house) => ({ n: house.n, weight: house.area }));
/** City two, lift works: area × (100 + 10 × (floor − 1)), the ground floor nothing. */
export const byFloor = (all: House[]) =>
  all.map((house) => ({
    n: house.n,
    weight: house.floor === 1 ? 0n : house.area * BigInt(100 + 10 * (house.floor - 1)),
  }));
export const twoThirds = (n: bigint): bigint => (n * 2n + 2n) / 3n;
