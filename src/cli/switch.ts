/** Whether an environment variable switches something on: it is set, and not to a word that says no. */
export const isOn = (value: string | undefined): boolean =>
  value !== undefined && !['', '0', 'false', 'no', 'off'].includes(value.toLowerCase());
