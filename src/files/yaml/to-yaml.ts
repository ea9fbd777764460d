import { stringify } from 'yaml';

/** Plain data as YAML, stable for the same data. */
export const toYaml = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
