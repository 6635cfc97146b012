import Foundation
import Testing

@testable import Telemetry

@Suite struct FileNameTests {
  /// Names with bytes that are no UTF-8, with what looks like the program's stand-ins, and with both.
  static let names: [[UInt8]] = [
    Array("clip.mp4".utf8), Array("café ☕️ 日本.mp4".utf8), Array("cafe\u{301}".utf8), [0x63, 0xE9, 0x2E, 0x6D],
    [0x80], [0xFF, 0xFE], [0xC3], [0xC3, 0x28], [0xE2, 0x82], [0xE2, 0x82, 0x41], [0xED, 0xA0, 0x80],
    [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0xAF], Array("\u{10FEE9}".utf8),
    [0xE9] + Array("\u{10FE80}\u{10FEFF}".utf8) + [0xE9], Array("\u{10FE7F}\u{10FF00}\u{FFFD}".utf8), [],
  ]

  @Test(arguments: names) func bytesComeBack(name: [UInt8]) {
    #expect(String(fileName: name).fileName == name.map { CChar(bitPattern: $0) } + [0])
    let pointed = (name.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { bytes in
      bytes.baseAddress.map { String(fileName: $0) }
    }
    #expect(pointed.map { Array($0.unicodeScalars) } == Array(String(fileName: name).unicodeScalars))
  }

  @Test func everySequenceOfThreeBytesComesBack() {
    let interesting: [UInt8] = [
      0x41, 0x7F, 0x80, 0xA0, 0xBF, 0xC0, 0xC3, 0xE0, 0xE2, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF,
    ]
    for a in interesting {
      for b in interesting {
        for c in interesting {
          let name = [a, b, c]
          #expect(String(fileName: name).fileName.dropLast().map { UInt8(bitPattern: $0) } == name)
        }
      }
    }
  }

  @Test func differentNamesAreDifferent() {
    let names = Self.names.map { Array(String(fileName: $0).unicodeScalars) }
    #expect(Set(names).count == names.count)
  }

  @Test func peopleSeeTheBytes() throws {
    let name = String(fileName: [0x63, 0xE9, 0x2E, 0x6D])
    #expect(name.shown == #"c\xE9.m"#)
    #expect(String(fileName: Array("é".utf8)).shown == "é")
    #expect(String(decoding: try JSONText.data([name: name]), as: UTF8.self) == #"{"c\\xE9.m":"c\\xE9.m"}"#)
  }

  @Test func partsOfPaths() {
    #expect("a/b.tar.GZ".lastName == "b.tar.GZ" && "a/b.tar.GZ".ending == "gz" && "a/b.tar.GZ".folder == "a")
    #expect("a.b/c".ending == "" && "a.b/c".withoutEnding == "a.b/c" && "a.b/.c".withoutEnding == "a.b/.c")
    #expect("a.b/c.d".withoutEnding == "a.b/c" && "/c.d".folder == "/" && "c.d".folder == ".")
    #expect("a".appending(name: "b") == "a/b" && "/".appending(name: "b") == "/b" && "a".appending(name: "/b") == "/b")
    // A mark that joins the letter before it joins no slash and no dot.
    #expect("a/\u{301}b".lastName.unicodeScalars.elementsEqual("\u{301}b".unicodeScalars))
    #expect("a.\u{301}b".withoutEnding == "a")
  }
}
