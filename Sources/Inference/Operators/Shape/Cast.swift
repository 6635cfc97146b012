import Tensors

/// Elements converted to another type. Towards whole numbers: cut off, the nearest representable one when outside, 0 of
/// NaN. Between whole numbers: the low bits. Towards bool: not 0. Towards float16 and bfloat16: nearest, halves to even.
/// ONNX Cast.
package struct Cast: Operator {
  package var kind: LayerKind { .shape }
  package var keepsElements: Bool { true }
  package var type: ElementType

  package init(to type: ElementType) { self.type = type }

  /// The input's shape, of the new type.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    [TensorType(type, try inputs.required(0, "input").type.shape)]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0] else { return }
    convert(x, to: outputs[0])
  }
}

/// Elements per step: as many as the stack takes without asking the allocator.
private let chunk = 64

/// Converts every element of `x` as `Cast` does.
package func convert(_ x: TensorView, to out: TensorView) {
  if x.type == out.type { return copyAll(x, to: out) }
  let exact = !x.type.isFloatingPoint && !out.type.isFloatingPoint
  let count = out.shape.count
  if exact {
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: chunk) { buffer in
      for start in stride(from: 0, to: count, by: chunk) {
        let part = UnsafeMutableBufferPointer(rebasing: buffer[..<min(chunk, count - start)])
        loadIntegers(x, start, part)
        storeIntegers(part, out, start)
      }
    }
  } else {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: chunk) { buffer in
      for start in stride(from: 0, to: count, by: chunk) {
        let part = UnsafeMutableBufferPointer(rebasing: buffer[..<min(chunk, count - start)])
        loadReals(x, start, part)
        storeReals(part, out, start)
      }
    }
  }
}

private typealias Integers = UnsafeMutableBufferPointer<Int64>
private typealias Reals = UnsafeMutableBufferPointer<Double>

@inline(__always)
private func load<T, V>(
  _: T.Type, _ x: TensorView, _ start: Int, _ to: UnsafeMutableBufferPointer<V>, _ rule: (T) -> V
) {
  let from = x.pointer.assumingMemoryBound(to: T.self) + start
  for i in 0..<to.count { to[i] = rule(from[i]) }
}

@inline(__always)
private func store<T, V>(
  _: T.Type, _ from: UnsafeMutableBufferPointer<V>, _ out: TensorView, _ start: Int, _ rule: (V) -> T
) {
  let to = out.pointer.assumingMemoryBound(to: T.self) + start
  for i in 0..<from.count { to[i] = rule(from[i]) }
}

private func loadIntegers(_ x: TensorView, _ start: Int, _ to: Integers) {
  switch x.type {
  case .int8: load(Int8.self, x, start, to) { Int64($0) }
  case .int16: load(Int16.self, x, start, to) { Int64($0) }
  case .int32: load(Int32.self, x, start, to) { Int64($0) }
  case .uint8: load(UInt8.self, x, start, to) { Int64($0) }
  case .uint16: load(UInt16.self, x, start, to) { Int64($0) }
  case .uint32: load(UInt32.self, x, start, to) { Int64($0) }
  case .bool: load(UInt8.self, x, start, to) { $0 == 0 ? 0 : 1 }
  default: load(Int64.self, x, start, to) { $0 }
  }
}

private func storeIntegers(_ from: Integers, _ out: TensorView, _ start: Int) {
  switch out.type.size {
  case _ where out.type == .bool: store(UInt8.self, from, out, start) { $0 == 0 ? 0 : 1 }
  case 1: store(UInt8.self, from, out, start) { UInt8(truncatingIfNeeded: $0) }
  case 2: store(UInt16.self, from, out, start) { UInt16(truncatingIfNeeded: $0) }
  case 4: store(UInt32.self, from, out, start) { UInt32(truncatingIfNeeded: $0) }
  default: store(Int64.self, from, out, start) { $0 }
  }
}

private func loadReals(_ x: TensorView, _ start: Int, _ to: Reals) {
  switch x.type {
  case .float32: load(Float.self, x, start, to) { Double($0) }
  case .float64: load(Double.self, x, start, to) { $0 }
  case .float16: load(Float16.self, x, start, to) { Double($0) }
  case .bfloat16: load(UInt16.self, x, start, to) { Double(Float(bitPattern: UInt32($0) << 16)) }
  case .int8: load(Int8.self, x, start, to) { Double($0) }
  case .int16: load(Int16.self, x, start, to) { Double($0) }
  case .int32: load(Int32.self, x, start, to) { Double($0) }
  case .int64: load(Int64.self, x, start, to) { Double($0) }
  case .uint8: load(UInt8.self, x, start, to) { Double($0) }
  case .uint16: load(UInt16.self, x, start, to) { Double($0) }
  case .uint32: load(UInt32.self, x, start, to) { Double($0) }
  case .uint64: load(UInt64.self, x, start, to) { Double($0) }
  case .bool: load(UInt8.self, x, start, to) { $0 == 0 ? 0 : 1 }
  }
}

private func storeReals(_ from: Reals, _ out: TensorView, _ start: Int) {
  switch out.type {
  case .float32: store(Float.self, from, out, start) { Float($0) }
  case .float64: store(Double.self, from, out, start) { $0 }
  case .float16: store(Float16.self, from, out, start) { Float16($0) }
  case .bfloat16: store(UInt16.self, from, out, start) { bfloat16($0) }
  case .int8: store(Int8.self, from, out, start) { Int8(saturating: $0) }
  case .int16: store(Int16.self, from, out, start) { Int16(saturating: $0) }
  case .int32: store(Int32.self, from, out, start) { Int32(saturating: $0) }
  case .int64: store(Int64.self, from, out, start) { Int64(saturating: $0) }
  case .uint8: store(UInt8.self, from, out, start) { UInt8(saturating: $0) }
  case .uint16: store(UInt16.self, from, out, start) { UInt16(saturating: $0) }
  case .uint32: store(UInt32.self, from, out, start) { UInt32(saturating: $0) }
  case .uint64: store(UInt64.self, from, out, start) { UInt64(saturating: $0) }
  case .bool: store(UInt8.self, from, out, start) { $0 == 0 ? 0 : 1 }
  }
}

/// The bits of the bfloat16 nearest to `x`, halves to even.
private func bfloat16(_ x: Double) -> UInt16 {
  let value = Float(x)
  if value.isNaN { return 0x7FC0 }
  let bits = value.bitPattern
  return UInt16((bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
}
