import { describe, expect, it } from 'vitest';
import { type FieldSpec, missing, toBody } from './fields.ts';

const fields: FieldSpec[] = [
  { name: 'contractor.name', label: '施工单位', required: true },
  { name: 'amount', label: '合同金额', kind: 'money', required: true },
  { name: 'signers', label: '签字人', kind: 'lines' },
  { name: 'days', label: '天数', kind: 'int' },
  { name: 'agreed', label: '不属于不得列支的情形', kind: 'check', required: true },
  { name: 'document_ids', label: '合同', kind: 'documents', required: true },
  { name: 'reason', label: '原因', when: (values) => values.days === '9' },
];

describe('forms', () => {
  it('makes the body that travels', () => {
    const values = {
      'contractor.name': ' 华东电梯 ',
      amount: '１,000.5元',
      signers: '业主委员会、监理\n',
      days: '7',
      agreed: true,
      document_ids: [{ id: 'd1' }],
      reason: 'x',
    };
    expect(toBody(fields, values)).toEqual({
      contractor: { name: '华东电梯' },
      amount: '1000.50',
      signers: ['业主委员会', '监理'],
      days: 7,
      agreed: true,
      document_ids: ['d1'],
    });
  });
  it('says every missing field at once, each at its place', () => {
    expect(missing(fields, { agreed: false, document_ids: [] }).map((error) => error.pointer)).toEqual([
      '/contractor/name',
      '/amount',
      '/agreed',
      '/document_ids',
    ]);
  });
  it('leaves an empty optional field out', () => {
    expect(toBody(fields.slice(2, 4), { signers: '', days: '' })).toEqual({ signers: [] });
  });
});
