import Tensors

/// Copies elements of 1, 2, 4 or 8 bytes along a walk whose operand `a` is the destination and `b` the source.
/// - Parameters:
///   - destination: element 0 of operand `a`, of `size` bytes per element.
///   - source: element 0 of operand `b`.
func stridedCopy(
  _ walk: StridedWalk, size: Int, to destination: UnsafeMutableRawPointer, from source: UnsafeRawPointer
) {
  switch size {
  case 1: copyRows(walk, destination.assumingMemoryBound(to: UInt8.self), source.assumingMemoryBound(to: UInt8.self))
  case 2: copyRows(walk, destination.assumingMemoryBound(to: UInt16.self), source.assumingMemoryBound(to: UInt16.self))
  case 4: copyRows(walk, destination.assumingMemoryBound(to: UInt32.self), source.assumingMemoryBound(to: UInt32.self))
  default:
    copyRows(walk, destination.assumingMemoryBound(to: UInt64.self), source.assumingMemoryBound(to: UInt64.self))
  }
}

private func copyRows<T>(_ walk: StridedWalk, _ destination: UnsafeMutablePointer<T>, _ source: UnsafePointer<T>) {
  let count = walk.rowCount
  let step = walk.rowSteps
  walk.forEachRow { at in
    let to = destination + at.a
    let from = source + at.b
    if step.a == 1 && step.b == 1 {
      to.update(from: from, count: count)
    } else if step.b == 0 && step.a == 1 {
      to.update(repeating: from.pointee, count: count)
    } else {
      for i in 0..<count { to[i &* step.a] = from[i &* step.b] }
    }
  }
}

/// Copies all of `source` to `destination`, which has as many elements of the same size.
func copyAll(_ source: TensorView, to destination: TensorView) {
  guard source.pointer != destination.pointer else { return }
  destination.pointer.copyMemory(from: source.pointer, byteCount: source.type.size * source.shape.count)
}

/// Fills elements of 1, 2, 4 or 8 bytes with the one at `value`.
func fill(_ destination: TensorView, with value: UnsafeRawPointer) {
  var walk = StridedWalk()
  walk.append(destination.shape.count, 1, 0)
  stridedCopy(walk, size: destination.type.size, to: destination.pointer, from: value)
}
