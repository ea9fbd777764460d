export interface ExecOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly user?: string;
  readonly stdin?: string | Uint8Array;
  /** Connects this process's terminal or input and output instead of collecting them. */
  readonly interactive?: boolean;
}

export interface ExecResult {
  /** 127: not found, 126: not executable, 124: ended by `timeoutMs`. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** This machine, for rooms that must stay free of Node's I/O; implemented in `files/local-host.ts`. */
export interface Host {
  run(argv: readonly string[], options: ExecOptions): Promise<ExecResult>;
  /** null: the path does not exist. Entries of a directory are sorted names. */
  stat(path: string): Promise<{
    readonly kind: 'file' | 'directory' | 'other';
    readonly entries: readonly string[];
    readonly size: number;
  } | null>;
  read(path: string): Promise<Uint8Array>;
}

/** Variables of a process. A variable set to undefined is not passed on. */
export type ProcessEnv = Readonly<Record<string, string | undefined>>;
