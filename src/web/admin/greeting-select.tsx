import { Select } from 'antd';
import type { Prompt } from '../../intake/prompt-catalogue';
import { api } from '../shared/api';
import { useResource } from '../shared/use-resource';

/** Chooses a line's greeting from the recordings there are; `onWords` is told what the chosen one says. */
export function GreetingSelect(props: {
  id?: string;
  value?: string;
  onChange?: (name: string) => void;
  onWords: (words: string) => void;
}) {
  const { value } = props;
  const resource = useResource(
    async (signal) => (await api.get<{ prompts: Prompt[] }>('/prompts', { signal })).prompts,
    [],
  );
  const greetings = (resource.data ?? []).filter(({ group }) => group === 'greeting');
  const known = greetings.map(({ name, words }) => ({ value: name, label: words, name }));
  const missing =
    value !== undefined && !known.some((each) => each.value === value)
      ? [{ value, label: value, name: value }]
      : [];
  return (
    <Select
      id={props.id}
      value={value}
      showSearch={{ filterOption: (text, option) => `${option?.name} ${option?.label}`.includes(text) }}
      loading={resource.loading}
      options={[...missing, ...known]}
      onChange={(name) => {
        props.onChange?.(name);
        const words = greetings.find((each) => each.name === name)?.words;
        if (words) props.onWords(words);
      }}
    />
  );
}
