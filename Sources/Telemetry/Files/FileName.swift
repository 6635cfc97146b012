/// File names are bytes; most are UTF-8, but none must be. The program carries them in `String`: a byte that is no part of UTF-8
/// becomes a stand-in, a scalar of a private-use plane, when a name comes in (an argument, a folder's listing, a link's target), and the
/// byte again when the name goes to the system or to FFmpeg. People see `\xE9` (`shown`).
extension String {
  /// A name as the system gives it.
  package init(fileName bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    if let text = String(validating: bytes, as: UTF8.self), !text.holdsStandIns {
      self = text
      return
    }
    var parser = UTF8.ForwardParser()
    var input = bytes.makeIterator()
    var (scalars, place) = (UnicodeScalarView(), 0)
    loop: while true {
      switch parser.parseScalar(from: &input) {
      case .valid(let encoded):
        let scalar = UTF8.decode(encoded)
        // A name may hold what looks like a stand-in: its own bytes are carried one by one, too.
        if StandIn.scalars.contains(scalar) { scalars += encoded.map(StandIn.scalar) } else { scalars.append(scalar) }
        place += encoded.count
      case .error(let length):
        scalars += bytes[place..<place + length].map(StandIn.scalar)
        place += length
      case .emptyInput: break loop
      }
    }
    self.init(scalars)
  }

  /// A name as C's functions give it.
  package init(fileName: UnsafePointer<CChar>) {
    var end = fileName
    while end.pointee != 0 { end += 1 }
    self.init(fileName: UnsafeBufferPointer(start: fileName, count: end - fileName).map { UInt8(bitPattern: $0) })
  }

  /// The bytes of a name, with the 0 at its end that C's functions want. Every call that takes a path gets these.
  package var fileName: [CChar] {
    guard holdsStandIns else { return Array(utf8CString) }
    let bytes = unicodeScalars.flatMap { scalar in
      StandIn.byte(scalar).map { [$0] } ?? Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
    return bytes.map { CChar(bitPattern: $0) } + [0]
  }

  /// The text for people and for JSON: bytes that are no text as `\xE9`.
  package var shown: String { shown(by: #"\x"#) }

  /// The text with this mark and two digits for each byte that is no text.
  package func shown(by mark: String) -> String {
    guard holdsStandIns else { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      guard let byte = StandIn.byte(scalar) else { return text.unicodeScalars.append(scalar) }
      text += mark + String(byte, radix: 16, uppercase: true)
    }
  }

  /// Looks for the first byte of a stand-in alone, which hardly any text has.
  private var holdsStandIns: Bool { utf8.contains(0xF4) && unicodeScalars.contains(where: StandIn.scalars.contains) }
}

/// U+10FE80 to U+10FEFF stand for the bytes 0x80 to 0xFF.
private enum StandIn {
  static let scalars: ClosedRange<Unicode.Scalar> = "\u{10FE80}"..."\u{10FEFF}"

  static func scalar(_ byte: UInt8) -> Unicode.Scalar { Unicode.Scalar(0x10_FE00 + UInt32(byte)) ?? "\u{FFFD}" }

  static func byte(_ scalar: Unicode.Scalar) -> UInt8? {
    scalars.contains(scalar) ? UInt8(truncatingIfNeeded: scalar.value) : nil
  }
}
