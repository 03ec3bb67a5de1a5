/** Listening keys, as Home Assistant and the browser hold them. */

/** A private key, encrypted under a key that Argon2id derives from a secret. */
export interface Lock {
  salt: string;
  ops: number;
  memory_bytes: number;
  nonce: string;
  locked: string;
}

/** A listening key as Home Assistant stores it. */
export interface LockedKey extends Lock {
  public: string;
  recovery?: Lock | null;
}

/** An unlocked listening key. */
export interface UnlockedKey {
  public: Uint8Array;
  private: Uint8Array;
}
