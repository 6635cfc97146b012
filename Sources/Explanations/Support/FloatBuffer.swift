/// Numbers in memory of their own, allocated once.
package final class FloatBuffer: @unchecked Sendable {
  // Safety: belongs to one object, which one thread at a time uses.

  package let values: UnsafeMutableBufferPointer<Float>

  package init(_ count: Int) {
    values = .allocate(capacity: max(count, 1))
    values.initialize(repeating: 0)
  }

  deinit { values.deallocate() }

  var start: UnsafeMutablePointer<Float> {
    guard let base = values.baseAddress else { preconditionFailure("a buffer has memory") }
    return base
  }

  /// One number.
  package subscript(index: Int) -> Float {
    get { values[index] }
    set { values[index] = newValue }
  }

  /// Takes over as many numbers as it holds.
  package func copy(_ source: UnsafePointer<Float>) {
    values.baseAddress?.update(from: source, count: values.count)
  }
}
