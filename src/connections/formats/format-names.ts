/** In the order in which help shows them. */
export const formatNames = [
  'dotenv',
  'shell',
  'fish',
  'powershell',
  'json',
  'yaml',
  'github',
  'gitlab',
  'docker',
  'properties',
] as const;

export type FormatName = (typeof formatNames)[number];
