/** Part of the hints of services that are not ready: a failed `up` removes what it created. */
export const keepHint = 'Use `--keep` to leave the containers for inspection.';
