import { describe, expect, it } from 'vitest';
import { compareCells } from './sort.ts';

describe('sorting a public table', () => {
  it('sorts amounts by value, exactly', () => {
    expect(
      ['1,000.00', '999.99', '−1.00', '9007199254740993.01', '9007199254740993.00'].sort(compareCells),
    ).toEqual(['−1.00', '999.99', '1,000.00', '9007199254740993.00', '9007199254740993.01']);
  });
  it('sorts names with numbers as people count', () => {
    expect(['10号楼', '2号楼', '1号楼'].sort(compareCells)).toEqual(['1号楼', '2号楼', '10号楼']);
  });
});
