import { Checkbox, Form, Input, Radio, Select, TreeSelect, type InputRef } from 'antd';
import { useEffect, useMemo, type Ref } from 'react';
import { TICKET_TYPES, URGENCIES, type TicketType, type Urgency } from '../../tickets/ticket';
import { areasOf } from '../shared/areas';
import { categoryTree, proposedUnit } from '../shared/category-tree';
import { useCategories, useUnits } from '../shared/directory';
import { Failure } from '../shared/states';
import { proposedTitle, type DraftFaults, type TicketDraft } from './ticket-draft';

interface FieldsProps {
  draft: TicketDraft;
  faults: DraftFaults;
  update: (part: Partial<TicketDraft>) => void;
  titleRef: Ref<InputRef>;
}

/** What the agent writes, with what is missing said beside each field. */
export function TicketFields({ draft, faults, update, titleRef }: FieldsProps) {
  const help = (field: keyof DraftFaults) =>
    faults[field] ? ({ validateStatus: 'error', help: faults[field] } as const) : {};
  return (
    <>
      <div className="ticket-row">
        <Form.Item label="诉求类型" required {...help('type')}>
          <Radio.Group
            value={draft.type}
            onChange={(event) => update({ type: event.target.value as TicketType })}
            optionType="button"
            options={Object.entries(TICKET_TYPES).map(([value, label]) => ({ value, label }))}
          />
        </Form.Item>
        <Form.Item label="紧急程度">
          <Radio.Group
            value={draft.urgency}
            onChange={(event) => update({ urgency: event.target.value as Urgency })}
            optionType="button"
            options={Object.entries(URGENCIES).map(([value, label]) => ({ value, label }))}
          />
        </Form.Item>
      </div>
      <MatterAndPlace draft={draft} faults={faults} update={update} />
      <Form.Item label="标题" required htmlFor="ticket-title" {...help('title')}>
        <Input
          id="ticket-title"
          ref={titleRef}
          value={draft.title}
          maxLength={100}
          placeholder={proposedTitle(draft.content) || '一句话概括诉求'}
          onChange={(event) => update({ title: event.target.value })}
        />
      </Form.Item>
      <Form.Item
        label="诉求内容"
        required
        htmlFor="ticket-content"
        {...help('content')}
        className="ticket-content"
      >
        <Input.TextArea
          id="ticket-content"
          value={draft.content}
          maxLength={8000}
          rows={5}
          placeholder="时间、地点、事由、诉求"
          onChange={(event) => update({ content: event.target.value })}
          onBlur={() =>
            draft.title.trim() === '' &&
            draft.content.trim() &&
            update({ title: proposedTitle(draft.content) })
          }
        />
      </Form.Item>
      <div className="ticket-row">
        <Form.Item label="诉求人姓名" htmlFor="ticket-citizen">
          <Input
            id="ticket-citizen"
            value={draft.citizenName}
            maxLength={60}
            onChange={(event) => update({ citizenName: event.target.value })}
          />
        </Form.Item>
        <Form.Item label="其他联系电话" htmlFor="ticket-contact" {...help('contactNumber')}>
          <Input
            id="ticket-contact"
            value={draft.contactNumber}
            maxLength={40}
            inputMode="tel"
            placeholder="默认来电号码"
            onChange={(event) => update({ contactNumber: event.target.value })}
          />
        </Form.Item>
      </div>
      <Checkbox
        checked={draft.confidential}
        onChange={(event) => update({ confidential: event.target.checked })}
      >
        诉求人要求保密（承办单位不可见姓名与号码）
      </Checkbox>
    </>
  );
}

/** What it is about and where; together they propose the unit (R2), a person confirms. */
function MatterAndPlace({ draft, faults, update }: Omit<FieldsProps, 'titleRef'>) {
  const categories = useCategories();
  const units = useUnits();
  const tree = useMemo(() => categoryTree(categories.data ?? []), [categories.data]);
  const areas = useMemo(() => areasOf(units.data ?? []), [units.data]);
  const category = categories.data?.find((one) => one.code === draft.categoryCode);
  const proposal = proposedUnit(category, draft.areaCode);
  useEffect(() => {
    const proposed = proposal?.unitId ?? null;
    if (categories.data && !draft.unitChosen && proposed !== draft.unitId) update({ unitId: proposed });
  });
  return (
    <>
      {categories.error !== null && <Failure error={categories.error} onRetry={categories.reload} />}
      {units.error !== null && <Failure error={units.error} onRetry={units.reload} />}
      <Form.Item
        label="诉求分类"
        required
        htmlFor="ticket-category"
        {...(faults.categoryCode ? { validateStatus: 'error', help: faults.categoryCode } : {})}
      >
        <TreeSelect
          id="ticket-category"
          treeData={tree}
          value={categories.data ? draft.categoryCode : null}
          loading={categories.loading}
          onChange={(code: string | null) => update({ categoryCode: code ?? null })}
          placeholder="输入关键词搜索分类"
          showSearch={{ treeNodeFilterProp: 'path' }}
          treeNodeLabelProp="path"
          treeExpandAction="click"
          allowClear
          listHeight={320}
        />
      </Form.Item>
      <div className="ticket-row ticket-place">
        <Form.Item label="事发地" htmlFor="ticket-area">
          <Select
            id="ticket-area"
            value={draft.areaCode}
            onChange={(code: string | undefined) => update({ areaCode: code ?? null })}
            options={areas.map((area) => ({ value: area.code, label: area.name }))}
            placeholder="县（区）"
            showSearch={{ optionFilterProp: 'label' }}
            allowClear
          />
        </Form.Item>
        <Form.Item label="详细地址" htmlFor="ticket-address">
          <Input
            id="ticket-address"
            value={draft.address}
            maxLength={200}
            placeholder="街道、小区、门牌或路口"
            onChange={(event) => update({ address: event.target.value })}
          />
        </Form.Item>
      </div>
      <Form.Item
        label="承办单位"
        htmlFor="ticket-unit"
        help={
          draft.unitId && draft.unitId === proposal?.unitId
            ? proposal.why
            : draft.unitId
              ? '人工指定'
              : '不选则暂不派单'
        }
      >
        <Select
          id="ticket-unit"
          value={units.data ? draft.unitId : null}
          loading={units.loading}
          onChange={(unitId: string | undefined) => update({ unitId: unitId ?? null, unitChosen: true })}
          options={(units.data ?? []).map((unit) => ({ value: unit.unitId, label: unit.name }))}
          placeholder="按分类与事发地建议"
          showSearch={{ optionFilterProp: 'label' }}
          allowClear
        />
      </Form.Item>
    </>
  );
}
