import Tensors

extension TensorView {
  /// Copies the elements as float32; 1 and 0 for booleans.
  /// - Parameter target: as many elements as the view has.
  func convert(to target: UnsafeMutableBufferPointer<Float>) {
    precondition(target.count == shape.count)
    switch type {
    case .float32: copy(Float.self, to: target) { $0 }
    case .float64: copy(Double.self, to: target) { Float($0) }
    case .float16: copy(UInt16.self, to: target) { Self.float(half: $0) }
    case .bfloat16: copy(UInt16.self, to: target) { Float(bitPattern: UInt32($0) << 16) }
    case .int8: copy(Int8.self, to: target) { Float($0) }
    case .int16: copy(Int16.self, to: target) { Float($0) }
    case .int32: copy(Int32.self, to: target) { Float($0) }
    case .int64: copy(Int64.self, to: target) { Float($0) }
    case .uint8: copy(UInt8.self, to: target) { Float($0) }
    case .uint16: copy(UInt16.self, to: target) { Float($0) }
    case .uint32: copy(UInt32.self, to: target) { Float($0) }
    case .uint64: copy(UInt64.self, to: target) { Float($0) }
    case .bool: copy(UInt8.self, to: target) { $0 == 0 ? 0 : 1 }
    }
  }

  private func copy<T>(_: T.Type, to target: UnsafeMutableBufferPointer<Float>, _ convert: (T) -> Float) {
    for (index, element) in elements(as: T.self).enumerated() { target[index] = convert(element) }
  }

  /// IEEE 754 binary16 from its bits.
  private static func float(half bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let (exponent, fraction) = (Int(bits >> 10 & 31), Float(bits & 1023))
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * (1 + fraction / 1024) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }
}
