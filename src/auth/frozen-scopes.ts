/**
 * The scopes of an identity: what was verified is not changed by mistake. `Set.prototype.add.call()` changes it still, so
 * no two requests may share one. It is not frozen besides: that costs half a µs for each request on Node.
 */
class FrozenScopes<Scope extends string> extends Set<Scope> {
  constructor(names: Iterable<Scope>) {
    super(); // the constructor of Set would call add()
    for (const name of names) super.add(name);
  }

  override add(): never {
    return refuseChange();
  }

  override delete(): never {
    return refuseChange();
  }

  override clear(): never {
    return refuseChange();
  }
}

function refuseChange(): never {
  throw new TypeError("the scopes of an identity cannot be changed: what it may do was verified");
}

/** A set that cannot be changed: `add`, `delete` and `clear` throw. */
export function frozenScopes<Scope extends string>(names: Iterable<Scope>): ReadonlySet<Scope> {
  return new FrozenScopes(names);
}
