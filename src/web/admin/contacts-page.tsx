import { Button, Input, Popconfirm, Select, Space, Table, Tag } from 'antd';
import { useMemo, useState } from 'react';
import { CONTACT_KINDS, LANGUAGES, type Contact } from '../../directory/contact';
import { api, type Query } from '../shared/api';
import { useUnits } from '../shared/directory';
import { useSession } from '../shared/session';
import { ResourceView } from '../shared/states';
import { useAction } from '../shared/use-action';
import { useResource } from '../shared/use-resource';
import { ContactDrawer } from './contact-drawer';
import { SheetImport } from './sheet-import';

type Open = { contact: Contact | null } | 'import' | null;

/** Outside contacts agents transfer to or bring into a call: units, interpreters, emergency desks. */
export function ContactsPage() {
  const session = useSession();
  const units = useUnits();
  const [filters, setFilters] = useState<Query>({});
  const [open, setOpen] = useState<Open>(null);
  const action = useAction();
  const contacts = useResource(
    async (signal) =>
      (await api.get<{ contacts: Contact[] }>('/contacts', { query: filters, signal })).contacts,
    [JSON.stringify(filters)],
  );
  const names = useMemo(
    () => new Map((units.data ?? []).map(({ unitId, name }) => [unitId, name])),
    [units.data],
  );
  const mayEdit = session.may('contact.edit');
  const close = (changed: boolean) => {
    setOpen(null);
    if (changed) contacts.reload();
  };
  const remove = async ({ contactId, version, name }: Contact) => {
    const done = `“${name}”已移除`;
    await action.run(() => api.delete(`/contacts/${contactId}`, undefined, { query: { version } }), done);
    contacts.reload();
  };
  const download = (format: string) =>
    action.run(() => api.download('/contacts-export', { query: { ...filters, format } }));
  return (
    <section className="admin-card" aria-label="转接目标">
      <div className="admin-bar">
        <Input.Search
          allowClear
          placeholder="名称、号码、语种、备注"
          aria-label="搜索转接目标"
          style={{ width: 240 }}
          onSearch={(search) => setFilters({ ...filters, search })}
        />
        <Select
          allowClear
          placeholder="类别"
          aria-label="类别"
          style={{ width: 130 }}
          options={Object.entries(CONTACT_KINDS).map(([value, label]) => ({ value, label }))}
          onChange={(kind: string | undefined) => setFilters({ ...filters, kind })}
        />
        {mayEdit && (
          <div className="admin-bar-end">
            <Space.Compact>
              <Button disabled={action.busy} onClick={() => void download('xlsx')}>
                导出 Excel
              </Button>
              <Button disabled={action.busy} onClick={() => void download('csv')}>
                CSV
              </Button>
            </Space.Compact>
            <Button onClick={() => setOpen('import')}>导入</Button>
            <Button type="primary" onClick={() => setOpen({ contact: null })} data-testid="new-contact">
              新建转接目标
            </Button>
          </div>
        )}
      </div>
      <ResourceView
        resource={contacts}
        rows={8}
        empty={(data) => data.length === 0}
        emptyWords="没有符合条件的转接目标"
      >
        {(data) => (
          <Table<Contact>
            size="small"
            rowKey="contactId"
            dataSource={data}
            pagination={{ pageSize: 50, hideOnSinglePage: true, showTotal: (total) => `共 ${total} 条` }}
            columns={[
              {
                title: '类别',
                width: 110,
                render: (_, { kind }) => <Tag>{CONTACT_KINDS[kind]}</Tag>,
              },
              { title: '名称', dataIndex: 'name' },
              {
                title: '号码',
                width: 160,
                render: (_, { number }) => <span className="admin-number">{number}</span>,
              },
              {
                title: '单位',
                render: (_, { unitId }) => (unitId ? (names.get(unitId) ?? unitId) : '—'),
              },
              {
                title: '语种',
                width: 100,
                render: (_, { language }) => (language ? LANGUAGES[language] : '—'),
              },
              { title: '服务时段', width: 130, render: (_, { hours }) => hours ?? '全天' },
              { title: '备注', render: (_, { note }) => note || '—' },
              {
                title: '操作',
                width: 130,
                render: (_, contact) =>
                  mayEdit && (
                    <Space size={4}>
                      <Button type="link" size="small" onClick={() => setOpen({ contact })}>
                        修改
                      </Button>
                      <Popconfirm
                        title={`移除“${contact.name}”？`}
                        description="坐席将不能再选用"
                        onConfirm={() => void remove(contact)}
                      >
                        <Button type="link" size="small" danger>
                          移除
                        </Button>
                      </Popconfirm>
                    </Space>
                  ),
              },
            ]}
          />
        )}
      </ResourceView>
      {open === 'import' && (
        <SheetImport
          title="导入转接目标"
          nameTitle="名称"
          path="/contacts-import"
          hint="类别、名称、号码必填；同名的转接目标将被修改"
          onClose={close}
        />
      )}
      {open !== null && open !== 'import' && (
        <ContactDrawer contact={open.contact} units={units.data ?? []} onClose={close} />
      )}
    </section>
  );
}
