import Foundation
import TestSupport
import Testing

@testable import Imaging

@Suite struct ColormapTests {
  @Test func staysWithinALevelOfThePublishedTables() throws {
    let url = TestData.root.appendingPathComponent("Tests/ImagingTests/Fixtures/colormaps.txt")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 3)
    for line in lines {
      let fields = line.split(separator: " ")
      let map = try #require(Colormap(rawValue: String(fields[0])))
      let digits = Array(fields[1].utf8)
      #expect(digits.count == 256 * 6)
      for level in 0..<256 {
        let hex = String(decoding: digits[level * 6..<level * 6 + 6], as: UTF8.self)
        let published = Color(try #require(UInt32(hex, radix: 16)))
        let color = map.color(UInt8(level))
        let difference = [
          Int(color.red) - Int(published.red), Int(color.green) - Int(published.green),
          Int(color.blue) - Int(published.blue),
        ]
        #expect(difference.allSatisfy { abs($0) <= 1 }, "\(map) \(level)")
      }
    }
  }

  @Test func grayIsTheLevel() {
    for level in UInt8.min...UInt8.max {
      let color = Colormap.gray.color(level)
      #expect(color.red == level && color.green == level && color.blue == level)
    }
  }
}
