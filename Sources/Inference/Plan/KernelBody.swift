/// A kernel's sizes or arguments at an address that does not change: C takes them by pointer.
final class Held<Params> {
  private let memory: UnsafeMutablePointer<Params>

  /// Valid while this object lives.
  var pointer: UnsafePointer<Params> { UnsafePointer(memory) }

  init(_ params: Params) {
    memory = .allocate(capacity: 1)
    memory.initialize(to: params)
  }

  deinit {
    memory.deinitialize(count: 1)
    memory.deallocate()
  }
}

/// Several of them, one after the other.
final class HeldArray<Params> {
  private let memory: UnsafeMutableBufferPointer<Params>

  /// The first; valid while this object lives.
  var pointer: UnsafePointer<Params>? { UnsafePointer(memory.baseAddress) }

  init(_ all: [Params]) {
    memory = .allocate(capacity: all.count)
    _ = memory.initialize(from: all)
  }

  deinit {
    memory.deinitialize()
    memory.deallocate()
  }
}

/// Work that hands the kernel its sizes by address, and its part. Running it allocates nothing.
func kernelBody<Params>(
  _ params: Params, _ kernel: @escaping (UnsafePointer<Params>, _ part: Int32, _ parts: Int32) -> Void
) -> ThreadPool.Body {
  let held = Held(params)
  return { part, parts in
    kernel(held.pointer, Int32(truncatingIfNeeded: part), Int32(truncatingIfNeeded: parts))
  }
}
