import Tensors

/// A 64-bit hash that is the same in every process and on every machine: FNV-1a (Fowler, Noll, Vo;
/// draft-eastlake-fnv). It finds damage and names files; it does not protect against forgery.
struct StableHash {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }

  mutating func add(_ number: Int) { withUnsafeBytes(of: Int64(number).littleEndian) { add($0) } }

  /// Text with an end, so that "ab", "c" differs from "a", "bc".
  mutating func add(_ text: String) {
    add(text.utf8)
    add(CollectionOfOne(0xff))
  }

  /// 16 hexadecimal digits.
  var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The hash of one text.
  static func of(_ text: String) -> String {
    var hash = StableHash()
    hash.add(text.utf8)
    return hash.text
  }
}

extension Graph {
  /// What names a specialised network in the cache: its operators, how they are joined, and all shapes.
  ///
  /// The weights' numbers are left out: no layer's time depends on them, and reading half a gigabyte for its hash would
  /// take longer than loading the model. A network trained further keeps its choices.
  var fingerprint: String {
    var hash = StableHash()
    for value in values {
      guard let type = value.type else { continue }
      hash.add(Int(type.element.rawValue))
      for extent in type.shape.dimensions { hash.add(extent) }
      hash.add(value.constant == nil ? 0 : 1)
    }
    for node in nodes {
      hash.add(node.op.name)
      for value in node.inputs + node.outputs { hash.add(value ?? -1) }
    }
    return hash.text
  }
}
