import CKernels
import Testing

@testable import Imaging

@Suite struct MosaicTests {
  @Test func gridsFitAndUseTheRoom() {
    for wanted in [1, 2, 3, 7, 16, 36, 64, 500] {
      for (mapWidth, mapHeight) in [(1, 1), (7, 7), (13, 13), (56, 56), (111, 111), (28, 14)] {
        for area in [Rect(x: 0, y: 0, width: 200, height: 120), Rect(x: 0, y: 0, width: 60, height: 400)] {
          for unit in [1, 2, 4] {
            guard
              let grid = TileGrid(
                wanted, mapWidth: mapWidth, mapHeight: mapHeight, within: area, gap: unit, unit: unit, comfortable: 20)
            else {
              Issue.record("no grid for \(wanted) of \(mapWidth)x\(mapHeight)")
              continue
            }
            #expect(grid.width <= area.width && grid.height <= area.height, "\(grid) in \(area)")
            #expect(grid.count <= wanted && grid.count <= grid.columns * grid.rows)
            #expect(grid.tileWidth % unit == 0 && grid.tileHeight % unit == 0)
            let full = Double(grid.width * grid.height) / Double(area.width * area.height)
            if mapWidth == mapHeight && wanted >= 16 { #expect(full > 0.3, "\(grid) in \(area)") }
          }
        }
      }
    }
    let none = Rect(x: 0, y: 0, width: 3, height: 1)
    #expect(
      TileGrid(4, mapWidth: 2, mapHeight: 2, within: none, gap: 2, unit: 2, comfortable: 20) == nil)
  }

  @Test func smallMapsGrowByWholeFactors() throws {
    let area = Rect(x: 0, y: 0, width: 95, height: 95)
    let grid = try #require(
      TileGrid(4, mapWidth: 7, mapHeight: 7, within: area, gap: 2, unit: 1, comfortable: 10))
    #expect(grid.columns == 2 && grid.rows == 2 && grid.tileWidth == 42 && grid.tileHeight == 42)
  }

  @Test func tilesAreMeansOrNearestCells() {
    let map: [Float] = [0, 1, 2, 3, 4, 5, 6, 7]  // 2 rows of 4
    var up = [UInt8](repeating: 9, count: 8 * 4)
    fovea_image_tile(&up, 8, 8, 4, map, 4, 2, 0, 10)
    for y in 0..<4 { for x in 0..<8 { #expect(up[y * 8 + x] == UInt8(10 * (y / 2 * 4 + x / 2))) } }
    var down = [UInt8](repeating: 9, count: 2)
    fovea_image_tile(&down, 2, 2, 1, map, 4, 2, 0, 10)
    #expect(down == [25, 45])
    var clamped = [UInt8](repeating: 9, count: 2)
    fovea_image_tile(&clamped, 2, 2, 1, [.nan, 1e30], 2, 1, 0, 1)
    #expect(clamped == [0, 255])
  }

  @Test func rangesIgnoreValuesThatAreNotFinite() {
    let values: [Float] = [.nan, 3, -1, .infinity, 2, -.infinity] + [Float](repeating: 0, count: 29)
    var (low, high, magnitude): (Float, Float, Float) = (0, 0, 0)
    fovea_image_range(values, values.count, &low, &high, &magnitude)
    #expect(low == -1 && high == 3 && abs(magnitude - 6 / Float(values.count)) < 1e-6)
    fovea_image_range([Float.nan], 1, &low, &high, &magnitude)
    #expect(low == 0 && high == 0 && magnitude == 0)
  }
}
